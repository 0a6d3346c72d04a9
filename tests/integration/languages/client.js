// Usage: client.js HTTP_PORT REDIS_PORT. Node's HTTP client with and without an agent that keeps connections, and
// node-redis where it is installed.
const http = require('http');

const [httpPort, redisPort] = process.argv.slice(2).map(Number);

function get(agent, i) {
  return new Promise((resolve, reject) => {
    const call = http.request({ port: httpPort, host: '127.0.0.1', path: '/', agent, headers: { 'X-Mine': String(i) } },
      (answer) => {
        let text = '';
        answer.on('data', (piece) => { text += piece; });
        answer.on('end', () => text === `hello ${i}` ? resolve() : reject(new Error(`got ${text}`)));
      });
    call.on('error', reject);
    call.end();
  });
}

async function main() {
  for (const agent of [false, new http.Agent({ keepAlive: true, maxSockets: 8 })]) {
    for (let from = 0; from < 400; from += 20) {
      await Promise.all(Array.from({ length: 20 }, (_, i) => get(agent, from + i)));
    }
    if (agent) agent.destroy();
  }
  let redis;
  try {
    redis = require('redis');
  } catch {
    console.log('done, without redis');
    return;
  }
  for (let i = 0; i < 20; ++i) {
    const client = redis.createClient({ socket: { host: '127.0.0.1', port: redisPort } });
    client.on('error', (why) => { throw why; });
    await client.connect();
    await client.set(`node:${i}`, String(i));
    const values = await Promise.all(Array.from({ length: 50 }, () => client.get(`node:${i}`)));
    if (values.some((value) => value !== String(i))) throw new Error(`got ${values}`);
    const both = await client.multi().incr('node:count').get(`node:${i}`).exec();
    if (both[1] !== String(i)) throw new Error(`got ${both}`);
    await client.disconnect();
  }
  console.log('done');
}

main().catch((why) => { console.log(why.message); process.exit(1); });
