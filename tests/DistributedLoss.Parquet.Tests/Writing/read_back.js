// Reads the dumps that DumpWriterTests writes with four independent readers and holds every value against the formulas of Dump.cs.
// Prints one line a file (who read it, who cannot), and writes verified.txt once no reader differs and at least two read each file.
//
//   npm install @duckdb/node-api nodejs-polars parquet-wasm hyparquet hyparquet-compressors
//   DLOSS_KEEP_DUMPS=/tmp/dumps dotnet test tests/DistributedLoss.Parquet.Tests --filter DumpWriterTests
//   NODE_PATH=.../node_modules node read_back.js /tmp/dumps verified.txt
const fs = require('fs'), path = require('path'), crypto = require('crypto');
const [directory, output] = process.argv.slice(2);

const logit = (r, c) => ((r * 7919 + c * 104729) % 255 - 127) / 8;

// The shape of a file from its name, as Dump.Matrix() gives it.
function shape(name) {
  const nulls = name.includes('nulls');
  const classes = name.startsWith('one_class') ? 1 : name.includes('long_rows') ? 3000 : 10;
  return {
    classes, rows: name.startsWith('no_rows') ? 0 : classes === 3000 ? 40 : 1000,
    flat: name.startsWith('flat'),
    packed: (name.match(/^(?:packed|binary)_(\w+)_v/) || [])[1],
    ragged: name.startsWith('ragged') || name.startsWith('nulls'),
    nullLogits: nulls || name.startsWith('binary'), nullElements: name.startsWith('nulls'),
    nullLabel: name.startsWith('nulls') || name.startsWith('dictionary'),
    ids: !name.startsWith('no_ids'),
  };
}

function expected(s, r) {
  const length = s.ragged ? r % (s.classes + 1) : s.classes;
  let logits = [...Array(length).keys()].map(c => s.nullElements && (r + c) % 13 === 6 ? null : logit(r, c));
  if (s.nullLogits && r % 5 === 3) logits = s.flat ? logits.map(() => null) : null;
  return JSON.stringify([logits, s.nullLabel && r % 7 === 2 ? null : r * 31 % s.classes, s.ids ? r : null]);
}

function half(bits) {
  const e = bits >> 10 & 31, m = bits & 1023, sign = bits >> 15 ? -1 : 1;
  return sign * (e === 0 ? m * 2 ** -24 : e === 31 ? (m ? NaN : Infinity) : (1 + m / 1024) * 2 ** (e - 15));
}

function unpack(bytes, type) {
  const b = Buffer.from(bytes), out = [], width = { Float64: 8, Float32: 4 }[type] || 2;
  for (let i = 0; i < b.length; i += width)
    out.push(type === 'Float64' ? b.readDoubleLE(i) : type === 'Float32' ? b.readFloatLE(i)
      : type === 'Float16' ? half(b.readUInt16LE(i)) : Buffer.from([0, 0, b[i], b[i + 1]]).readFloatLE(0));
  return out;
}

const number = v => v === null || v === undefined ? null : v instanceof Uint8Array ? half(v[0] | v[1] << 8) : Number(v);

// One row as every reader must give it, from that reader's own types.
function row(s, get) {
  let logits;
  if (s.flat) logits = [...Array(s.classes).keys()].map(c => number(get(`logits_${c}`)));
  else {
    logits = get('logits');
    if (logits === undefined) logits = null;
    if (logits !== null) logits = s.packed ? unpack(logits, s.packed) : Array.from(logits, number);
  }
  return JSON.stringify([logits, number(get('label')), s.ids ? number(get('id')) : null]);
}

const readers = {
  async duckdb(file, s) {
    const { DuckDBInstance } = require('@duckdb/node-api');
    const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
    const rows = (await connection.runAndReadAll(`select * from '${file}'`)).getRowObjects();
    return rows.map(o => row(s, n => { const v = o[n]; return v && v.items ? v.items : v && v.bytes ? v.bytes : v; }));
  },
  async polars(file, s) {
    return polarsRows(require('nodejs-polars').readParquet(file), s);
  },
  async arrowrs(file, s) {
    const wasm = require('parquet-wasm');
    const stream = wasm.readParquet(fs.readFileSync(file)).intoIPCStream();
    return polarsRows(require('nodejs-polars').readIPCStream(Buffer.from(stream)), s);
  },
  async hyparquet(file, s) {
    const { parquetReadObjects } = await import(require.resolve('hyparquet').replace(/src.*/, 'src/index.js'));
    const { compressors } = await import(require.resolve('hyparquet-compressors').replace(/src.*/, 'src/index.js'));
    const b = fs.readFileSync(file);
    const rows = await parquetReadObjects({ file: b.buffer.slice(b.byteOffset, b.byteOffset + b.length), compressors, utf8: false });
    return rows.map(o => row(s, n => o[n]));
  },
};

function polarsRows(frame, s) {
  return frame.toRecords().map(o => row(s, n => o[n]));
}

async function pageDigest(file) {
  const { parquetMetadata } = await import(require.resolve('hyparquet').replace(/src.*/, 'src/index.js'));
  const b = fs.readFileSync(file), metadata = parquetMetadata(b.buffer.slice(b.byteOffset, b.byteOffset + b.length));
  let end = 4;
  for (const group of metadata.row_groups) for (const { meta_data: m } of group.columns)
    end = Math.max(end, Number(m.dictionary_page_offset || m.data_page_offset) + Number(m.total_compressed_size));
  return crypto.createHash('sha256').update(b.subarray(4, end)).digest('hex');
}

(async () => {
  let wrong = 0;
  const lines = [];
  for (const name of fs.readdirSync(directory).filter(f => f.endsWith('.parquet')).map(f => path.basename(f, '.parquet')).sort()) {
    const file = path.join(directory, `${name}.parquet`), s = shape(name), notes = [];
    let read = 0;
    for (const [reader, run] of Object.entries(readers)) {
      let rows;
      try { rows = await run(file, s); } catch (e) { notes.push(`${reader} cannot: ${String(e.message || e).split('\n')[0].slice(0, 100)}`); continue; }
      const bad = rows.length !== s.rows ? `${rows.length} rows` : rows.map((v, r) => [v, expected(s, r), r]).find(([v, e]) => v !== e);
      if (bad) { wrong++; notes.push(`${reader} DIFFERS: ${String(bad).slice(0, 300)}`); } else { read++; notes.push(reader); }
    }
    if (read < 2) { wrong++; notes.push('TOO FEW'); }
    console.log(name, notes.join('; '));
    lines.push(`${name} ${await pageDigest(file)}\n`);
  }
  if (wrong === 0) fs.writeFileSync(output, lines.join(''));
  console.log(wrong === 0 ? `verified ${lines.length} files` : `${wrong} differences; ${output} left as it was`);
  process.exit(wrong === 0 ? 0 : 1);
})();
