// What hyparquet, a reader that shares nothing with ours, finds in the Parquet project's reference files: for each column the number of entries
// and of values, and a SHA-256 over all entries (repetition level, definition level, stored bytes). Writes expected.tsv beside itself.
// usage: (cd ../../fixtures/make && npm ci --force); node expected.mjs DIR-OF-PARQUET-TESTING/data
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const modules = process.env.NODE_MODULES ?? join(here, '../../fixtures/make/node_modules')
const load = path => import(pathToFileURL(join(modules, path)).href)
const { parquetMetadata } = await load('hyparquet/src/index.js')
const { parquetHeader } = await load('hyparquet/src/column.js')
const { readDataPage, readDataPageV2, decompressPage } = await load('hyparquet/src/datapage.js')
const { readPlain } = await load('hyparquet/src/plain.js')
const { getSchemaPath, getMaxDefinitionLevel, getMaxRepetitionLevel } = await load('hyparquet/src/schema.js')
const { compressors } = await load('hyparquet-compressors/src/index.js')

const directory = process.argv[2]
const lines = []
for (const name of readdirSync(directory).filter(f => f.endsWith('.parquet')).sort()) {
  try {
    lines.push(...columnsOf(name))
  } catch (e) {
    lines.push(`${name}\t-\t${e.message}`)
  }
}
writeFileSync(join(here, 'expected.tsv'), lines.join('\n') + '\n')

function columnsOf(name) {
  const file = readFileSync(join(directory, name))
  const metadata = parquetMetadata(file.buffer.slice(file.byteOffset, file.byteOffset + file.length))
  const columns = new Map()
  for (const group of metadata.row_groups) {
    for (const { meta_data: chunk } of group.columns) {
      const path = chunk.path_in_schema.join('.')
      const column = columns.get(path) ?? { entries: 0, values: 0, hash: createHash('sha256') }
      columns.set(path, column)
      readChunk(file, metadata, chunk, column)
    }
  }
  return [...columns].map(([path, c]) => `${name}\t${path}\t${c.entries}\t${c.values}\t${c.hash.digest('hex')}`)
}

function readChunk(file, metadata, chunk, column) {
  const schemaPath = getSchemaPath(metadata.schema, chunk.path_in_schema)
  const { element } = schemaPath.at(-1)
  const decoder = { type: chunk.type, element, schemaPath, codec: chunk.codec, compressors }
  const maxDefinition = getMaxDefinitionLevel(schemaPath)
  const maxRepetition = getMaxRepetitionLevel(schemaPath)
  const dictionaryAt = Number(chunk.dictionary_page_offset ?? 0)
  const dataAt = Number(chunk.data_page_offset)
  const start = dictionaryAt > 0 && dictionaryAt < dataAt ? dictionaryAt : dataAt
  const reader = { view: new DataView(file.buffer, file.byteOffset, file.length), offset: start }
  let dictionary
  for (let left = Number(chunk.num_values); left > 0;) {
    const header = parquetHeader(reader)
    const body = new Uint8Array(file.buffer, file.byteOffset + reader.offset, header.compressed_page_size)
    reader.offset += header.compressed_page_size
    if (header.type === 'DICTIONARY_PAGE') {
      const page = decompressPage(body, header.uncompressed_page_size, chunk.codec, compressors)
      const values = { view: new DataView(page.buffer, page.byteOffset, page.byteLength), offset: 0 }
      dictionary = readPlain(values, chunk.type, header.dictionary_page_header.num_values, element.type_length)
      continue
    }
    const v2 = header.data_page_header_v2
    const data = v2 ?? header.data_page_header
    if (!data || data.num_values === 0) continue
    const page = v2
      ? readDataPageV2(body, header, decoder)
      : readDataPage(decompressPage(body, header.uncompressed_page_size, chunk.codec, compressors), data, decoder)
    const indexed = data.encoding.endsWith('_DICTIONARY')
    let v = 0
    for (let i = 0; i < data.num_values; i++) {
      const repetition = maxRepetition ? page.repetitionLevels[i] : 0
      const definition = page.definitionLevels?.length ? page.definitionLevels[i] : maxDefinition
      let stored = ''
      if (definition === maxDefinition) {
        stored = hex(chunk.type, indexed ? dictionary[page.dataPage[v]] : page.dataPage[v])
        v++
        column.values++
      }
      column.hash.update(`${repetition}:${definition}:${stored}\n`)
    }
    column.entries += data.num_values
    left -= data.num_values
  }
}

// The stored bytes, little-endian; every NaN is written alike, because JavaScript does not keep its payload.
function hex(type, value) {
  const bytes = Buffer.alloc(12)
  switch (type) {
    case 'BOOLEAN': return value ? '01' : '00'
    case 'INT32': bytes.writeInt32LE(value); return bytes.toString('hex', 0, 4)
    case 'INT64': bytes.writeBigInt64LE(BigInt(value)); return bytes.toString('hex', 0, 8)
    // hyparquet ORs a signed low half into the high one: only the low half is to be relied on.
    case 'INT96': bytes.writeBigUInt64LE(BigInt.asUintN(64, value)); return bytes.toString('hex', 0, 8)
    case 'FLOAT': bytes.writeFloatLE(value); return Number.isNaN(value) ? 'nan' : bytes.toString('hex', 0, 4)
    case 'DOUBLE': bytes.writeDoubleLE(value); return Number.isNaN(value) ? 'nan' : bytes.toString('hex', 0, 8)
    default: return Buffer.from(value).toString('hex')
  }
}
