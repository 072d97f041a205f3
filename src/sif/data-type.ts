/** Kinds of data objects (sif v2 pkg/sif/sif.go, DataType). Other codes are kept, and shown as unknown. */
export const DATA_TYPE = {
  definitionFile: 0x4001,
  environment: 0x4002,
  labels: 0x4003,
  partition: 0x4004,
  signature: 0x4005,
  json: 0x4006,
  generic: 0x4007,
  cryptoMessage: 0x4008,
  sbom: 0x4009,
  ociRootIndex: 0x400a,
  ociBlob: 0x400b,
} as const;

/** As siftool writes them. */
const NAMES: Readonly<Record<number, string>> = {
  [DATA_TYPE.definitionFile]: 'Def.FILE',
  [DATA_TYPE.environment]: 'Env.Vars',
  [DATA_TYPE.labels]: 'JSON.Labels',
  [DATA_TYPE.partition]: 'FS',
  [DATA_TYPE.signature]: 'Signature',
  [DATA_TYPE.json]: 'JSON.Generic',
  [DATA_TYPE.generic]: 'Generic/Raw',
  [DATA_TYPE.cryptoMessage]: 'Cryptographic Message',
  [DATA_TYPE.sbom]: 'SBOM',
  [DATA_TYPE.ociRootIndex]: 'OCI.RootIndex',
  [DATA_TYPE.ociBlob]: 'OCI.Blob',
};

export function dataTypeName(type: number): string {
  return NAMES[type] ?? 'Unknown';
}
