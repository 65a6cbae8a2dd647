import express from 'express';
import { serve } from './child.mjs';

let body = '{}';
const app = express();
app.get('/', (_request, response) => response.type('application/json').send(body));
const server = app.listen(0, '127.0.0.1', () =>
  serve(
    (message) => {
      body = message.body;
    },
    { url: `http://127.0.0.1:${server.address().port}/` },
  ),
);
