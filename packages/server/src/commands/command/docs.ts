import type { ArgumentSpec } from '@kvartz/commands';
import type { Args, ReplyWriter } from '@kvartz/resp';
import type { ServerContext } from '../../context.ts';
import type { Spec } from './facts.ts';
import { findSpec } from './find.ts';
import { replySimples } from './info.ts';

/** COMMAND DOCS [name ...]: a map; names that there are not are left out. */
export function docs({ kernel, reply }: ServerContext, args: Args): void {
  const specs: Spec[] = [];
  if (args.count === 2) for (const command of kernel.table.all()) specs.push(command.spec);
  for (let i = 2; i < args.count; i++) {
    const spec = findSpec(kernel.table, args, i);
    if (spec !== undefined) specs.push(spec);
  }
  replyAll(reply, specs);
}

function replyAll(reply: ReplyWriter, specs: readonly Spec[]): void {
  reply.map(specs.length);
  for (const spec of specs) {
    reply.bulkText(spec.fullName);
    replyDocs(reply, spec);
  }
}

function replyDocs(reply: ReplyWriter, spec: Spec): void {
  const { facts } = spec;
  const flags = facts.doc_flags ?? [];
  const subcommands = [...(spec.subcommands?.values() ?? [])];
  const fields: [string, () => void][] = [
    ['summary', () => reply.bulkText(spec.summary)],
    ['since', () => reply.bulkText(facts.since)],
    ['group', () => reply.bulkText(facts.group)],
    ['complexity', () => reply.bulkText(spec.complexity)],
  ];
  if (flags.length > 0) {
    fields.push([
      'doc_flags',
      () =>
        replySimples(
          reply,
          flags.map((flag) => flag.toLowerCase()),
        ),
    ]);
  }
  if (facts.deprecated_since !== undefined) {
    fields.push(['deprecated_since', () => reply.bulkText(facts.deprecated_since ?? '')]);
  }
  if (facts.arguments !== undefined) fields.push(['arguments', () => replyArguments(reply, facts.arguments ?? [])]);
  if (subcommands.length > 0) fields.push(['subcommands', () => replyAll(reply, subcommands)]);
  replyFields(reply, fields);
}

function replyArguments(reply: ReplyWriter, specs: readonly ArgumentSpec[]): void {
  reply.array(specs.length);
  for (const spec of specs) replyArgument(reply, spec);
}

function replyArgument(reply: ReplyWriter, spec: ArgumentSpec): void {
  const flags: string[] = [];
  if (spec.optional) flags.push('optional');
  if (spec.multiple) flags.push('multiple');
  if (spec.multiple_token) flags.push('multiple_token');
  const fields: [string, () => void][] = [
    ['name', () => reply.bulkText(spec.name)],
    ['type', () => reply.bulkText(spec.type)],
  ];
  const addText = (name: string, text: string | undefined): void => {
    if (text !== undefined) fields.push([name, () => reply.bulkText(text)]);
  };
  addText('display_text', spec.display);
  const keySpecIndex = spec.key_spec_index;
  if (keySpecIndex !== undefined) fields.push(['key_spec_index', () => reply.integer(keySpecIndex)]);
  addText('token', spec.token);
  addText('since', spec.since);
  addText('deprecated_since', spec.deprecated_since);
  if (flags.length > 0) fields.push(['flags', () => replySimples(reply, flags)]);
  const parts = spec.arguments;
  if (parts !== undefined) fields.push(['arguments', () => replyArguments(reply, parts)]);
  replyFields(reply, fields);
}

function replyFields(reply: ReplyWriter, fields: readonly (readonly [string, () => void])[]): void {
  reply.map(fields.length);
  for (const [name, write] of fields) {
    reply.bulkText(name);
    write();
  }
}
