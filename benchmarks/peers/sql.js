// DuckDB on one thread. {"op": "list", "layout": "list|flat", "classes": C} names the queries for the mean loss; {"op": "run", "query": NAME, "path": FILE, ...} times one.
const { DuckDBInstance } = require('@duckdb/node-api');
const { serve, timed } = require('./server.js');

// A row's loss as SQL, best guesses at what this engine does fastest. A sum over a list goes through list_transform, and a dot product of halved exponents
// with itself is a faster sum of exponentials than list_sum. `safe` queries subtract the row's maximum; the others overflow at logits of some 700.
// Precision is that of the worst step: exp(x - m) subtracts in float32.
const label = 'logits[label + 1]';
const square = (e) => `list_transform(logits, x -> exp(${e}))`;
const listQueries = {
  naive_dot: { precision: 'float64', safe: false, from: `(select ${square('x / 2')} e, ${label} t from $F)`, loss: 'ln(list_dot_product(e, e)) - t' },
  naive_sum: { precision: 'float64', safe: false, from: '$F', loss: `ln(list_sum(${square('x')})) - ${label}` },
  label_dot: { precision: 'float64', safe: false, from: `(select list_transform(logits, x -> exp(0.5::double * (x::double - t))) e from (select logits, ${label} t from $F))`, loss: 'ln(list_dot_product(e, e))' },
  max_dot: { precision: 'float64', safe: true, from: `(select m, t, list_transform(logits, x -> exp(0.5::double * (x::double - m))) e from (select logits, list_max(logits) m, ${label} t from $F))`, loss: 'm + ln(list_dot_product(e, e)) - t' },
  max_sum: { precision: 'float32', safe: true, from: `(select logits, list_max(logits) m, ${label} t from $F)`, loss: `m + ln(list_sum(${square('x - m')})) - t` },
};

function flatQueries(classes) {
  const columns = Array.from({ length: classes }, (_, k) => `logit_${k}`);
  const pick = `case label ${columns.map((c, k) => `when ${k} then ${c}`).join(' ')} end`;
  const sum = (term) => columns.map(term).join(' + ');
  const row = `(select *, greatest(${columns.join(', ')}) m, ${pick} t from $F)`;
  return {
    naive: { precision: 'float64', safe: false, from: '$F', loss: `ln(${sum((c) => `exp(${c})`)}) - ${pick}` },
    label: { precision: 'float32', safe: false, from: row, loss: `ln(${sum((c) => `exp(${c} - t)`)})` },
    max: { precision: 'float32', safe: true, from: row, loss: `m + ln(${sum((c) => `exp(${c} - m)`)}) - t` },
    max_double: { precision: 'float64', safe: true, from: row, loss: `m + ln(${sum((c) => `exp(${c}::double - m)`)}) - t` },
  };
}

const queries = (layout, classes) => (layout === 'flat' ? flatQueries(classes) : listQueries);

async function main() {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  await connection.run('set preserve_insertion_order = false');
  await serve(async ({ op, query, path, layout, classes }) => {
    if (op === 'list') {
      return { formulations: Object.entries(queries(layout, classes)).map(([name, { precision, safe }]) => ({ name, precision, safe })) };
    }
    const file = `'${path.replaceAll("'", "''")}'`;
    const lengths = query === 'lengths';
    const { from, loss } = lengths ? {} : queries(layout, classes)[query];
    const sql = lengths ? `select sum(len(logits)), count(*) from ${file}` : `select avg(${loss}), count(*) from ${from.replaceAll('$F', file)}`;
    const { value: reader, times } = await timed(() => connection.runAndReadAll(sql));
    const [value, rows] = reader.getRowsJS()[0];
    return { ...times, rows: Number(rows), ...(lengths ? { logits: Number(value) } : { mean: value }) };
  });
  connection.closeSync();
  instance.closeSync();
}

main();
