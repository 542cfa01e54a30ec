// Writes the dumps and the arrays that scripts/bench measures, with DuckDB. Deterministic: each logit is a function of its row and class.
//   node dumps.js '{"dumps": DIR, "arrays": DIR, "shapes": [{"name", "rows", "classes", "scale", "bonus", "group", "files": [...]}]}'
// What is there already stays. A file appears under its name when it is whole.
const fs = require('node:fs');
const path = require('node:path');
const { DuckDBInstance } = require('@duckdb/node-api');

// Uniform on (0, 1): the upper 53 bits of a hash.
const uniform = (key) => `(((hash((${key})::bigint) >> 11)::double + 0.5) / 9007199254740992.0)`;
// Standard normal (Box and Muller) from two hashes that no other logit has.
const normal = (index) => `sqrt(-2.0 * ln(${uniform(index)})) * cos(6.283185307179586 * ${uniform(`${index} + 1000000000000000`)})`;

// logit = scale * normal, plus bonus at the label; the label is a hash of the row's number.
function source({ rows, classes, scale, bonus }) {
  const logit = `(${scale} * (${normal(`id * ${classes} + j`)}) + if(j = label, ${bonus}, 0.0))::float`;
  return `select id, label, list_transform(range(${classes}), j -> ${logit}) as logits
    from (select range as id, (hash((range + 5000000000000)::bigint) % ${classes})::integer as label from range(${rows}))`;
}

const flat = (from, classes) => `select id, label, ${Array.from({ length: classes }, (_, k) => `logits[${k + 1}] as logit_${k}`).join(', ')} from ${from}`;

async function writeOnce(file, write) {
  if (fs.existsSync(file)) return;
  const began = Date.now();
  await write(`${file}.part`);
  fs.renameSync(`${file}.part`, file);
  console.error(`${path.basename(file)}: ${fs.statSync(file).size} bytes in ${((Date.now() - began) / 1000).toFixed(1)} s`);
}

async function writeArrays(connection, dump, { classes }, logitsFile, labelsFile) {
  const logitsOut = fs.openSync(logitsFile, 'w');
  const labelsOut = fs.openSync(labelsFile, 'w');
  const result = await connection.stream(`select id, label, logits from '${dump}'`);
  for (let row = 0; ;) {
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) break;
    const [ids, labels, lists] = [0, 1, 2].map((i) => chunk.getColumnVector(i));
    for (let k = 0; k < chunk.rowCount; k++, row++) {
      if (Number(ids.items[k]) !== row || Number(lists.entryData[2 * k]) !== k * classes || Number(lists.entryData[2 * k + 1]) !== classes) {
        throw new Error(`${dump}: row ${row} is not where it should be`);
      }
    }
    const bytes = (items, count) => Buffer.from(items.buffer, items.byteOffset, count * 4);
    for (const [out, data] of [[labelsOut, bytes(labels.items, chunk.rowCount)], [logitsOut, bytes(lists.childData.items, chunk.rowCount * classes)]]) {
      for (let done = 0; done < data.length;) done += fs.writeSync(out, data, done);
    }
  }
  fs.closeSync(logitsOut);
  fs.closeSync(labelsOut);
}

async function main() {
  const { dumps, arrays, shapes } = JSON.parse(process.argv[2]);
  // One thread, so that rows keep their order in the arrays.
  const reading = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
  const writing = await (await DuckDBInstance.create(':memory:')).connect();
  await writing.run('set preserve_insertion_order = true');
  for (const shape of shapes) {
    const first = path.join(dumps, `${shape.files[0].name}.parquet`);
    for (const { name, codec = 'uncompressed', version = 'v1', layout = 'list' } of shape.files) {
      const file = path.join(dumps, `${name}.parquet`);
      const query = file === first ? source(shape) : layout === 'flat' ? flat(`'${first}'`, shape.classes) : `select * from '${first}'`;
      const options = `format parquet, compression ${codec}, parquet_version ${version}, row_group_size ${shape.group}`;
      await writeOnce(file, (part) => writing.run(`copy (${query}) to '${part}' (${options})`));
    }
    const labels = path.join(arrays, `${shape.name}.i32`);
    await writeOnce(path.join(arrays, `${shape.name}.f32`), (part) => writeArrays(reading, first, shape, part, labels));
  }
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
