// Polars on the threads of POLARS_MAX_THREADS, flat columns. {"op": "list", "classes": C} names the expressions for the mean loss; {"op": "run", "query": NAME,
// "path": FILE, "classes": C} times one.
const pl = require('nodejs-polars');
const { serve, timed } = require('./server.js');

const double = (expression) => expression.cast(pl.Float64);

function expressions(classes) {
  const columns = Array.from({ length: classes }, (_, k) => `logit_${k}`);
  const label = () =>
    columns.slice(1).reduce((cases, name, k) => cases.when(pl.col('label').eq(pl.lit(k + 1))).then(pl.col(name)), pl.when(pl.col('label').eq(pl.lit(0))).then(pl.col(columns[0]))).otherwise(pl.lit(null));
  const mean = (loss) => [double(loss).mean().alias('mean'), pl.len().alias('rows')];
  const withMaximum = (frame) => frame.withColumns(pl.maxHorizontal(columns.map((c) => pl.col(c))).alias('m'), label().alias('t'));
  return {
    naive: {
      precision: 'float64', safe: false,
      plan: (frame) => frame.select(...mean(pl.sumHorizontal(columns.map((c) => double(pl.col(c)).exp())).log().sub(double(label())))),
    },
    naive_single: {
      precision: 'float32', safe: false,
      plan: (frame) => frame.select(...mean(pl.sumHorizontal(columns.map((c) => pl.col(c).exp())).log().sub(label()))),
    },
    max_single: {
      precision: 'float32', safe: true,
      plan: (frame) => withMaximum(frame).select(...mean(pl.sumHorizontal(columns.map((c) => pl.col(c).sub(pl.col('m')).exp())).log().add(pl.col('m')).sub(pl.col('t')))),
    },
    max: {
      precision: 'float64', safe: true,
      plan: (frame) => withMaximum(frame).select(...mean(pl.sumHorizontal(columns.map((c) => double(pl.col(c)).sub(pl.col('m')).exp())).log().add(double(pl.col('m'))).sub(double(pl.col('t'))))),
    },
  };
}

serve(async ({ op, query, path, classes }) => {
  if (op === 'list') {
    return { formulations: Object.entries(expressions(classes)).map(([name, { precision, safe }]) => ({ name, precision, safe })) };
  }
  const { value: frame, times } = await timed(() => expressions(classes)[query].plan(pl.scanParquet(path)).collect());
  const { mean, rows } = frame.toRecords()[0];
  return { ...times, mean, rows: Number(rows) };
});
