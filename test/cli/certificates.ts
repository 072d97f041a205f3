import { generateKey } from 'openpgp';

/** A new ed25519 certificate in binary, and its secret key. Dated in 2020, so that nothing is from the future. */
export async function newCertificate(name: string): Promise<{ certificate: Buffer; secret: Buffer }> {
  const { publicKey, privateKey } = await generateKey({
    userIDs: [{ name, email: `${name}@example.org` }],
    date: new Date('2020-01-01T00:00:00Z'),
    format: 'binary',
  });
  return { certificate: Buffer.from(publicKey), secret: Buffer.from(privateKey) };
}

export async function newCertificates(count: number): Promise<Buffer[]> {
  const made: Buffer[] = [];
  for (let i = 0; i < count; i += 1) made.push((await newCertificate(`signer${i}`)).certificate);
  return made;
}
