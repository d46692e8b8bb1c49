# The files that scripts/format and scripts/lint look at: what is in the tree,
# tracked or new, by language. Sourced after lib.sh.
# shellcheck shell=bash

# Without git (a tarball) everything outside of hidden directories.
tree() {
    if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
        git ls-files --cached --others --exclude-standard | sort -u
    else
        find . -path './.*' -prune -o -type f -print | sed 's|^\./||' | sort
    fi | while IFS= read -r file; do [ ! -f "$file" ] || printf '%s\n' "$file"; done
}
mapfile -t TREE < <(tree)

# with_first_line REGEX: the files without an extension that start so.
with_first_line() {
    local file first
    for file in "${TREE[@]}"; do
        [[ ${file##*/} != *.* ]] || continue
        IFS= read -r first <"$file" || true
        [[ ! $first =~ $1 ]] || printf '%s\n' "$file"
    done
}
mapfile -t SWIFT_SOURCES < <(printf '%s\n' "${TREE[@]}" | grep -E '\.swift$')
mapfile -t C_SOURCES < <(printf '%s\n' "${TREE[@]}" | grep -E '\.(c|h|cc|cpp|hpp)$')
mapfile -t PYTHON_SOURCES < <(
    printf '%s\n' "${TREE[@]}" | grep -E '\.pyi?$'
    with_first_line '^#!.*python'
)
mapfile -t SHELL_SOURCES < <(
    printf '%s\n' "${TREE[@]}" | grep -E '\.sh$'
    with_first_line '^#!.*(ba)?sh'
)
