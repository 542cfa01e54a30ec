// Runs the SQL on stdin with DuckDB, and prints the rows as JSON.
const fs = require('node:fs')
const { createRequire } = require('node:module')
const { DuckDBInstance } = createRequire(`${process.env.DLOSS_RECIPES_CACHE}/`)('@duckdb/node-api')

async function main() {
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  const rows = (await connection.runAndReadAll(fs.readFileSync(0, 'utf8'))).getRowObjectsJS()
  console.log(JSON.stringify(rows, (_, value) => (typeof value === 'bigint' ? Number(value) : value)))
}

main()
