// Stands for the server inside a namespace: a browser trusts `localhost` with a camera, and no other plain address.
// A connection that is cut on its way stays cut: nothing is told on either side. `relay.mjs PORT HOST`
import { connect, createServer } from 'node:net';

const [port, host] = process.argv.slice(2);
createServer((near) => {
  const far = connect(port, host);
  near.pipe(far).pipe(near);
  near.on('error', () => far.destroy());
  far.on('error', () => near.destroy());
}).listen(port, '127.0.0.1', () => console.log('ready'));
