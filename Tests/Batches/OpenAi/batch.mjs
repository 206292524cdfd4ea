// Files, batches and models through OpenAI's own client, as its documentation uses it. OPENAI_BASE_URL and OPENAI_API_KEY name the grid; a model
// 'digest' must be ready there. What is not as it should be ends the program with an error.
import assert from 'node:assert/strict';
import OpenAI, { toFile } from 'openai';

const client = new OpenAI();
const url = '/v2/models/digest/infer';
const line = (id, value, policy = 'none') => JSON.stringify({
  custom_id: id, method: 'POST', url,
  body: { inputs: [{ name: 'x', shape: [2], datatype: 'UINT8', data: [value, 1] }], parameters: { policy } },
});
const upload = async (...lines) => client.files.create({ file: await toFile(Buffer.from(lines.join('\n')), 'calls.jsonl'), purpose: 'batch' });
const create = (file, more) => client.batches.create({ input_file_id: file.id, endpoint: url, completion_window: '24h', ...more });
const linesOf = async id => (await (await client.files.content(id)).text()).trim().split('\n').map(l => JSON.parse(l));
const over = ['failed', 'completed', 'expired', 'cancelled'];
async function untilOver(batch) {
  while (!over.includes(batch.status)) {
    await new Promise(resolve => setTimeout(resolve, 100));
    batch = await client.batches.retrieve(batch.id);
  }
  return batch;
}

// Models.
const models = [];
for await (const model of client.models.list()) models.push(model.id);
assert.deepEqual(models, ['digest@1']);
assert.equal((await client.models.retrieve('digest@1')).owned_by, 'tests');

// A batch, from its file to its files.
const file = await upload(line('one', 1), line('two', 2), line('wrong', 3, 'misspelt'));
assert.equal(file.object, 'file');
assert.equal((await client.files.waitForProcessing(file.id)).status, 'processed');
const batch = await untilOver(await create(file, { metadata: { purpose: 'test' } }));
assert.equal(batch.status, 'completed');
assert.deepEqual(batch.request_counts, { total: 3, completed: 2, failed: 1 });
assert.deepEqual(batch.metadata, { purpose: 'test' });
assert.ok(batch.completed_at >= batch.created_at && batch.expires_at === batch.created_at + 24 * 3600);
const outputs = await linesOf(batch.output_file_id);
assert.deepEqual(outputs.map(o => [o.custom_id, o.response.status_code, o.error]), [['one', 200, null], ['two', 200, null]]);
assert.deepEqual(outputs[0].response.body.outputs[0].shape, [32]);
const errors = await linesOf(batch.error_file_id);
assert.deepEqual(errors.map(e => [e.custom_id, e.response.status_code]), [['wrong', 400]]);
assert.match(errors[0].response.body.error, /policy/);
assert.equal((await client.files.retrieve(batch.output_file_id)).purpose, 'batch_output');

// A file that is no batch.
const bad = await untilOver(await create(await upload(line('one', 1), line('one', 2), 'garbage')));
assert.equal(bad.status, 'failed');
assert.deepEqual(bad.errors.data.map(e => [e.code, e.line, e.param]), [['duplicate_custom_id', 2, 'custom_id'], ['invalid_json_line', 3, null]]);

// Cancelling: a quorum of five is not to be had here.
const waiting = await create(await upload(line('waits', 4, 'quorum(5)')));
assert.ok(['validating', 'cancelling', 'cancelled'].includes((await client.batches.cancel(waiting.id)).status));
assert.equal((await untilOver(waiting)).status, 'cancelled');
await assert.rejects(client.batches.cancel(batch.id, { maxRetries: 0 }), OpenAI.ConflictError);

// Lists, page by page.
const batches = [];
for await (const b of client.batches.list({ limit: 1 })) batches.push(b.id);
assert.deepEqual(batches, [waiting.id, bad.id, batch.id]);
const files = [];
for await (const f of client.files.list({ limit: 2, purpose: 'batch', order: 'asc' })) files.push(f.id);
assert.equal(files.length, 3);
assert.equal(files[0], file.id);

// Deleting.
assert.deepEqual(await client.files.delete(file.id), { id: file.id, object: 'file', deleted: true });

// Errors as the client's own classes.
await assert.rejects(client.files.retrieve(file.id), OpenAI.NotFoundError);
await assert.rejects(create(file), e => e instanceof OpenAI.BadRequestError && e.param === 'input_file_id' && e.code === 'invalid_value');
await assert.rejects(client.models.retrieve('nobody'), e => e instanceof OpenAI.NotFoundError && e.code === 'model_not_found');
await assert.rejects(new OpenAI({ apiKey: 'wrong' }).models.list(), OpenAI.AuthenticationError);
await assert.rejects(client.files.create({ file: await toFile(Buffer.from('x'), 'x'), purpose: 'fine-tune' }), e => e instanceof OpenAI.BadRequestError && e.param === 'purpose');

// A request sent again with its key does nothing twice.
const key = { headers: { 'Idempotency-Key': 'again' } };
const again = await upload(line('one', 1));
assert.equal(
  (await client.batches.create({ input_file_id: again.id, endpoint: '/v2/infer', completion_window: '1h' }, key)).id,
  (await client.batches.create({ input_file_id: again.id, endpoint: '/v2/infer', completion_window: '1h' }, key)).id);
console.log('done');
