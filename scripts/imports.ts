/**
 * The module specifiers that a TypeScript source names in `import`, `export ... from` and `import()`, with their lines.
 * Reads the text, not the syntax: comments are left out, and an import in a string would be found too, which is fine for
 * a check.
 */
export interface ImportSite {
  readonly specifier: string;
  /** From 1. */
  readonly line: number;
}

const importPattern =
  /(?:^|[;{}\n])\s*(?:import|export)\b(?:[^'"`;()]*?\bfrom)?\s*(?<from>['"])(?<static>[^'"\n]+)\k<from>|\bimport\(\s*(?<open>['"])(?<dynamic>[^'"\n]+)\k<open>/g;

export function importsOf(source: string): ImportSite[] {
  const code = withoutComments(source);
  return Array.from(code.matchAll(importPattern), (match) => {
    const specifier = match.groups?.static ?? match.groups?.dynamic ?? '';
    const at = match.index + match[0].lastIndexOf(specifier);
    return { specifier, line: code.slice(0, at).split('\n').length };
  });
}

/** Comments become blanks, so that lines keep their numbers. */
function withoutComments(source: string): string {
  const tokens = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;
  return source.replaceAll(tokens, (token) => (token.startsWith('/') ? token.replaceAll(/[^\n]/g, ' ') : token));
}
