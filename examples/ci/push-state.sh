#!/bin/sh
# Commit the state file and push it. Best as a checkpoint, so that what a run is going to buy is on the
# remote before the money is spent, and what became of it follows at the end:
#
#     reconciler apply --yes --checkpoint 'sh push-state.sh'
#
# and once more after the run, whatever its exit code was, for one that was killed:
#
#     sh push-state.sh instances.state.json
#
# Rejected, because somebody pushed meanwhile: the commit is put on top of theirs and pushed again. But
# before anything is sent never on top of another state: the exit code is 1 then, and the run stops.
# What can't go onto the branch (ignored, no branch, a hook refuses, unreadable, changed on both sides)
# is kept, with its journal, on a branch of its own; that is a failure, too: exit code 1.
set -eu

path=${1:-${RECONCILER_STATE:-instances.state.json}}
phase=${RECONCILER_PHASE:-} # before, after; empty when no run is going on
remote=${RECONCILER_GIT_REMOTE:-origin}

fail() {
	echo "error: $1" >&2
	[ -z "${2:-}" ] || echo "hint: $2" >&2
	exit 1
}

cd "$(dirname "$path")" || fail "$path: no such folder"
state=$(basename "$path")
[ -e "$state" ] || [ -e "$state.journal" ] || { echo "$path: nothing is recorded yet"; exit 0; }
why=$(git rev-parse --git-dir 2>&1 >/dev/null) ||
	fail "$path: git can't use this checkout: $(echo "$why" | head -n 1)" \
		"mend that, then run this script again; the state exists on this machine only"
branch=${RECONCILER_GIT_BRANCH:-$(git symbolic-ref --quiet --short HEAD || true)}
seen=$(git rev-parse --quiet --verify "refs/remotes/$remote/$branch" ||
	git rev-parse --quiet --verify HEAD || true)

# Who commits, unless git knows already.
git var GIT_COMMITTER_IDENT >/dev/null 2>&1 || {
	export GIT_AUTHOR_NAME=reconciler GIT_AUTHOR_EMAIL=reconciler@localhost
	export GIT_COMMITTER_NAME=reconciler GIT_COMMITTER_EMAIL=reconciler@localhost
}

# Around index, hooks and ignore files: nothing of the checkout changes.
commit_apart() {
	GIT_INDEX_FILE=$(git rev-parse --git-dir)/reconciler-index
	export GIT_INDEX_FILE
	rm -f "$GIT_INDEX_FILE"
	git read-tree HEAD 2>/dev/null || true # there may be no commit yet
	for file in "$state" "$state.journal"; do
		[ ! -e "$file" ] || git add --force -- "$file"
	done
	if git rev-parse --quiet --verify HEAD >/dev/null; then set -- -p HEAD; else set --; fi
	git commit-tree "$(git write-tree)" "$@" -m "Keep the state of a run apart"
	rm -f "$GIT_INDEX_FILE"
}

keep_apart() {
	echo "error: $path: $1" >&2
	[ -z "${2:-}" ] || echo "hint: $2" >&2
	kept=$(commit_apart)
	apart=reconciler-state-$(git rev-parse --short "$kept")
	if git push --quiet --no-verify "$remote" "$kept:refs/heads/$apart"; then
		echo "hint: this run's $path is kept on the branch $apart" >&2
	else
		echo "hint: the branch $apart can't be pushed either: $path exists on this machine only" >&2
	fi
	if [ "$phase" = before ]; then
		echo "hint: nothing was sent" >&2
	else
		echo "hint: record what this run created: \`reconciler adopt --all\`, on ${branch:-the branch}" >&2
	fi
	exit 1
}

command -v reconciler >/dev/null ||
	keep_apart "there is no reconciler on the PATH to check it with" "put its folder on the PATH"
# A run that goes on holds the state, and has folded its journal before it called.
if [ -z "$phase" ]; then
	reconciler state fold --state "$state" >/dev/null || keep_apart "its journal can't be folded"
fi
reconciler status --state "$state" >/dev/null || keep_apart "it can't be read; nobody else shall have it"
[ -n "$branch" ] ||
	keep_apart "HEAD is on no branch" "check a branch out, or name it in RECONCILER_GIT_BRANCH"
if git check-ignore --quiet -- "$state"; then
	keep_apart "git ignores it" "take its line out of $(git check-ignore --verbose -- "$state" | cut -d: -f1,2)"
fi
if grep -q '"apiTokenInstance": "[^-]' "$state"; then
	echo "warning: $path: its tokens are readable for everybody who can read the repository" >&2
	echo "hint: seal them: RECONCILER_RECIPIENTS=age1..., then \`reconciler state seal\`" >&2
fi

message() {
	open=$(awk '/^  "pending": {$/ { in_it = 1 } /^  }/ { in_it = 0 } in_it && /^    "/ { n++ } END { print n + 0 }' "$state")
	if [ "$phase" = before ]; then
		echo "Announce $open instances [skip ci]"
		return
	fi
	old=$(git show "$seen:./$state" 2>/dev/null | grep -c '"idInstance":' || true)
	new=$(grep -c '"idInstance":' "$state" || true)
	echo "Record $((new - old)) instances, $open unresolved [skip ci]"
}

git add -- "$state"
if ! git diff --cached --quiet -- "$state"; then
	git commit --quiet --message "$(message)" -- "$state" || {
		git reset --quiet -- "$state"
		keep_apart "a hook of this repository refuses the commit"
	}
elif git merge-base --is-ancestor HEAD "refs/remotes/$remote/$branch" 2>/dev/null; then
	echo "$path: unchanged"
	exit 0
fi # else an earlier commit still waits to be pushed

content() { git rev-parse --quiet --verify "$1:./$state" || true; }

tries=5
until git push --quiet "$remote" "HEAD:refs/heads/$branch"; do
	tries=$((tries - 1))
	[ "$tries" -gt 0 ] || keep_apart "$remote took no push of $branch: others were always faster"
	git fetch --quiet "$remote" "$branch" || keep_apart "$remote can't be reached"
	if git merge-base --is-ancestor FETCH_HEAD HEAD; then
		keep_apart "$remote refuses the push of $branch, though nothing newer is there"
	fi
	if [ "$phase" = before ] && [ "$(content "$seen")" != "$(content FETCH_HEAD)" ]; then
		keep_apart "it was changed on $branch by another run: what this one read is out of date" \
			"run again, on a checkout of the newest $branch"
	fi
	theirs=$(git rev-parse FETCH_HEAD)
	git rebase --quiet --autostash --onto "$theirs" "$seen" >/dev/null || {
		git rebase --abort
		keep_apart "it was changed on $branch by another run, too"
	}
	seen=$theirs
	reconciler status --state "$state" >/dev/null || keep_apart "joined with $branch it can't be read"
done
echo "$path: pushed to $branch"
