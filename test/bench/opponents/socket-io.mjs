import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { serve } from './child.mjs';

/** Bare Socket.IO: lets everybody in, and sends what it is handed to all who subscribed. */
const server = createServer();
const workflows = new Server(server, { transports: ['websocket'], serveClient: false }).of('/ws/workflows');
workflows.on('connection', (socket) => {
  socket.on('subscribe', ({ workflow_id: id }, answer) => {
    socket.join(id);
    answer({ ok: true, last_seq: 0 });
  });
});
let seq = 0;
server.listen(0, '127.0.0.1', () =>
  serve(
    ({ event, count }) => {
      for (let sent = 0; sent < count; sent++) {
        seq += 1;
        workflows.to(event.workflow_id).emit('event', { ...event, seq });
      }
    },
    { url: `http://127.0.0.1:${server.address().port}/` },
  ),
);
