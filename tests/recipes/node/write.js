// Writes arrays that the stand-in for pyarrow describes, on stdin, with arrow-rs: parquet-wasm.
const fs = require('node:fs')
const { createRequire } = require('node:module')
const installed = createRequire(`${process.env.DLOSS_RECIPES_CACHE}/`)
const arrow = installed('apache-arrow')
const parquet = installed('parquet-wasm')

const job = JSON.parse(fs.readFileSync(0, 'utf8'))
const data = fs.readFileSync(job.data)
const primitives = {
  float16: [new arrow.Float16(), Uint16Array], float32: [new arrow.Float32(), Float32Array], float64: [new arrow.Float64(), Float64Array],
  int8: [new arrow.Int8(), Int8Array], int16: [new arrow.Int16(), Int16Array], int32: [new arrow.Int32(), Int32Array], int64: [new arrow.Int64(), BigInt64Array],
}

function typeOf(array) {
  const item = () => new arrow.Field('element', typeOf(array.child), true)
  switch (array.kind) {
    case 'fixed_list': return new arrow.FixedSizeList(array.size, item())
    case 'list': return new arrow.List(item())
    case 'fixed_binary': return new arrow.FixedSizeBinary(array.width)
    default: return primitives[array.kind][0]
  }
}

// A copy, because views are of aligned bytes.
const view = ([offset, length], View) => new View(new Uint8Array(data.subarray(offset, offset + length)).buffer)

function made(array) {
  const common = { type: typeOf(array), length: array.length, nullCount: 0 }
  switch (array.kind) {
    case 'fixed_list': return arrow.makeData({ ...common, child: made(array.child) })
    case 'list': return arrow.makeData({ ...common, valueOffsets: view(array.buffers[0], Int32Array), child: made(array.child) })
    case 'fixed_binary': return arrow.makeData({ ...common, data: view(array.buffers[0], Uint8Array) })
    default: return arrow.makeData({ ...common, data: view(array.buffers[0], primitives[array.kind][1]) })
  }
}

const schema = new arrow.Schema(job.batches[0].map(([name, array]) => new arrow.Field(name, typeOf(array), true)))
const batches = job.batches.map(columns =>
  new arrow.RecordBatch(schema, arrow.makeData({ type: new arrow.Struct(schema.fields), length: columns[0][1].length, nullCount: 0, children: columns.map(c => made(c[1])) })))
const properties = new parquet.WriterPropertiesBuilder().setCompression(parquet.Compression[job.compression.toUpperCase()]).build()
const table = parquet.Table.fromIPCStream(arrow.tableToIPC(new arrow.Table(schema, batches), 'stream'))
fs.writeFileSync(job.to, parquet.writeParquet(table, properties))
