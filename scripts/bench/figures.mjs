/** @param {readonly number[]} values */
export function median(values) {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/**
 * @param {readonly number[]} values
 * @param {number} share
 */
export function percentile(values, share) {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/**
 * How far the values lie from their median at most, as a share of it. Of ten or more the outermost tenths are left out:
 * among many starts of a program there is always one that was disturbed.
 *
 * @param {readonly number[]} values
 */
export function spread(values) {
  const middle = median(values);
  const outermost = Math.floor(values.length / 10);
  const inner = values.toSorted((one, other) => one - other).slice(outermost, values.length - outermost);
  return Math.max(...inner.map((value) => Math.abs(value - middle) / middle));
}

/**
 * Three digits that mean something.
 *
 * @param {number} value
 */
export function short(value) {
  if (Math.abs(value) >= 100) return new Intl.NumberFormat('en', { maximumFractionDigits: 0 }).format(value);
  return String(Number(value.toPrecision(3)));
}

/**
 * Columns of text; the first to the left, the others to the right.
 *
 * @param {readonly (readonly string[])[]} rows
 */
export function table(rows) {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
