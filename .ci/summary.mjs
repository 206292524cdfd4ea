// Sums up test results (.trx files in the folder given first) and decides; the second argument is the exit code of `dotnet test`.
import fs from 'node:fs';
import path from 'node:path';

const [folder, status] = process.argv.slice(2);
const files = fs.existsSync(folder) ? fs.readdirSync(folder).filter(name => name.endsWith('.trx')) : [];
const count = { Passed: 0, Failed: 0, NotExecuted: 0 };
const problems = [];

for (const file of files) {
  const text = fs.readFileSync(path.join(folder, file), 'utf8');
  for (const [, attributes, body] of text.matchAll(/<UnitTestResult\s([^>]*?)(?:\/>|>([\s\S]*?)<\/UnitTestResult>)/g)) {
    const name = plain(/testName="([^"]*)"/.exec(attributes)?.[1] ?? '?');
    const outcome = /outcome="([^"]*)"/.exec(attributes)?.[1] ?? 'Failed';
    const kind = outcome === 'Passed' || outcome === 'NotExecuted' ? outcome : 'Failed';
    count[kind]++;
    if (kind === 'Failed') problems.push(`failed: ${name}`);
    if (kind !== 'NotExecuted') continue;
    const reason = plain(/<Message>([\s\S]*?)<\/Message>/.exec(body ?? '')?.[1] ?? /<StdOut>([\s\S]*?)<\/StdOut>/.exec(body ?? '')?.[1] ?? 'no reason given').trim();
    console.log(`skipped: ${name}: ${reason}`);
    if (!/^engine\b/i.test(reason)) problems.push(`skipped without leave: ${name}`);
  }
}

if (count.Passed + count.Failed === 0) problems.push('no test ran');
if (status !== '0' && count.Failed === 0) problems.push(`dotnet test ended with exit code ${status}`);
for (const problem of problems) console.log(problem);
if (count.NotExecuted > 0) console.log(`${count.NotExecuted} skipped`);
console.log(`${count.Passed} passed, ${count.Failed} failed`);
process.exitCode = problems.length > 0 ? 1 : 0;

function plain(xml) {
  return xml.replace(/&quot;/g, '"').replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&apos;|&#39;/g, "'").replace(/&amp;/g, '&');
}
