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

// Wall time and that of all the process's threads, in seconds, of some work; and what it gives.
async function timed(work) {
  const cpuBefore = process.cpuUsage();
  const began = process.hrtime.bigint();
  const value = await work();
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  const cpu = process.cpuUsage(cpuBefore);
  return { value, times: { seconds, cpuSeconds: (cpu.user + cpu.system) / 1e6 } };
}

module.exports = { serve, timed };
