// Answers requests, one line of JSON each, one at a time: what every peer's process does.
const readline = require('node:readline');

async function serve(answer) {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    let reply;
    try {
      reply = await answer(JSON.parse(line));
    } catch (error) {
      reply = { error: String(error.message ?? error).split('\n')[0].slice(0, 300) };
    }
    process.stdout.write(JSON.stringify(reply) + '\n');
  }
}

function secondsSince(began) {
  return Number(process.hrtime.bigint() - began) / 1e9;
}

module.exports = { serve, secondsSince };
