/**
 * What shells run to complete a line: each asks `meshctl __complete` and shows what it answers. The
 * answer is a line a word, with a tab before its note, or `:files` where a path belongs.
 *
 * @module
 */

/** What stands for a path of the shell's own finding. */
export const FILES = ":files";

const BASH = String
  .raw`# bash completion of meshctl; load it with: source <(meshctl completion bash)
_meshctl() {
  local line="\${COMP_LINE:0:COMP_POINT}" current before word
  local -a words=()
  read -r -a words <<< "$line"
  [[ "$line" == *[[:space:]] ]] && words+=("")
  current="\${words[\${#words[@]}-1]}"
  # Bash completes only what follows the last of these characters.
  before="\${current%"\${current##*[:=]}"}"
  [[ "$COMP_WORDBREAKS" == *:* ]] || [[ "$before" == *=* ]] || before=""
  COMPREPLY=()
  while IFS=$'\t' read -r word _; do
    if [[ "$word" == "${FILES}" ]]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "\${current##*=}")
      return
    fi
    [[ "$word" == "$current"* ]] && COMPREPLY+=("\${word#"$before"}")
  done < <("\${words[0]}" __complete -- "\${words[@]:1}" 2>/dev/null)
  [[ \${#COMPREPLY[@]} -eq 1 && "\${COMPREPLY[0]}" == *= ]] && compopt -o nospace 2>/dev/null
}
complete -F _meshctl meshctl
`;

const ZSH = String.raw`#compdef meshctl
# zsh completion of meshctl; load it with: source <(meshctl completion zsh)
_meshctl() {
  local line value note
  local -a answers candidates
  answers=("\${(@f)$("\${words[1]}" __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ "\${answers[1]}" == "${FILES}" ]]; then
    _files
    return
  fi
  for line in "\${answers[@]}"; do
    [[ -z "$line" ]] && continue
    value="\${line%%$'\t'*}"
    note="\${line#*$'\t'}"
    [[ "$line" == *$'\t'* ]] || note=""
    candidates+=("\${value//:/\\:}:$note")
  done
  _describe 'meshctl' candidates
}
compdef _meshctl meshctl
`;

const FISH = String.raw`# fish completion of meshctl; load it with: meshctl completion fish | source
function __meshctl_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l answers ($words[1] __complete -- $words[2..-1] 2>/dev/null)
  if test "$answers[1]" = "${FILES}"
    __fish_complete_path (commandline -ct)
    return
  end
  printf '%s\n' $answers
end
complete -c meshctl -f -a '(__meshctl_complete)'
`;

/** Shells there is a script for. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** One of {@linkcode SHELLS}. */
export type Shell = typeof SHELLS[number];

// Between the backquotes above, "\${" stands for what is the shell's own.
const SCRIPTS: Record<Shell, string> = { bash: BASH, zsh: ZSH, fish: FISH };

/**
 * The script of a shell.
 *
 * @param descriptions Whether it shows what each candidate is, where the shell can.
 */
export function completionScript(shell: Shell, descriptions = true): string {
  const script = SCRIPTS[shell].replaceAll("\\${", "${");
  return descriptions ? script : script.replaceAll("2>/dev/null)", "2>/dev/null | cut -f 1)");
}
