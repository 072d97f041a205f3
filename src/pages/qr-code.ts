import createQrCode from 'qrcode-generator';
import { html, type Markup } from './markup.ts';

/** Light modules around it that readers need (ISO/IEC 18004 §6.3.8). */
const QUIET = 4;

/** A fingerprint in the form that OpenPGP programs on phones read, all of it of the alphanumeric mode. */
export function fingerprintQrCode(fingerprint: string): Markup {
  const code = createQrCode(0, 'M');
  code.addData(`OPENPGP4FPR:${fingerprint}`, 'Alphanumeric');
  code.make();
  const count = code.getModuleCount();
  const rows = Array.from({ length: count }, (_, row) =>
    runsOf(row, count, (column) => code.isDark(row, column)),
  );
  const size = count + 2 * QUIET;
  return html`<svg
    class="qr"
    viewBox="0 0 ${size} ${size}"
    role="img"
    aria-label="The fingerprint as a QR code"
  >
    <rect class="paper" width="${size}" height="${size}" />
    <path class="ink" d="${rows.join('')}" />
  </svg>`;
}

/** The dark runs of one row as parts of a path. */
function runsOf(row: number, count: number, isDark: (column: number) => boolean): string {
  let path = '';
  for (let column = 0; column < count; column += 1) {
    if (!isDark(column)) continue;
    const start = column;
    while (column + 1 < count && isDark(column + 1)) column += 1;
    const length = column - start + 1;
    path += `M${start + QUIET} ${row + QUIET}h${length}v1h-${length}z`;
  }
  return path;
}
