#!/bin/sh
# Commit the state file and push it, after each run, whatever its exit code was:
#
#     code=0; reconciler apply --yes || code=$?
#     sh push-state.sh instances.state.json || exit 1
#     exit "$code"
#
# Rejected, because somebody pushed meanwhile: the commit is put on top of theirs and pushed again.
# If that does not work out, since both changed the state, nothing is merged by guess: this run's
# state is kept on a branch of its own and the exit code is 1. Nothing can be bought twice by that:
# the next run finds the names in the account and stops (exit code 9) until they are adopted.
set -eu

state=${1:-instances.state.json}
remote=${RECONCILER_GIT_REMOTE:-origin}
branch=${RECONCILER_GIT_BRANCH:-$(git symbolic-ref --short HEAD)}

# Who commits, unless git knows already.
git var GIT_COMMITTER_IDENT >/dev/null 2>&1 || {
	export GIT_AUTHOR_NAME=reconciler GIT_AUTHOR_EMAIL=reconciler@localhost
	export GIT_COMMITTER_NAME=reconciler GIT_COMMITTER_EMAIL=reconciler@localhost
}

keep_apart() {
	apart="reconciler-state-$(git rev-parse --short HEAD)"
	echo "error: $1" >&2
	if git push --quiet "$remote" "HEAD:refs/heads/$apart"; then
		echo "hint: this run's $state is kept on the branch $apart" >&2
	else
		echo "hint: the branch $apart can't be pushed either: $state exists on this machine only" >&2
	fi
	echo "hint: record what this run created: \`reconciler adopt --all\`, on $branch" >&2
	exit 1
}

[ -e "$state" ] || { echo "$state: nothing is recorded yet"; exit 0; }
git add -- "$state"
if ! git diff --cached --quiet -- "$state"; then
	git commit --quiet --message "Record instances [skip ci]" -- "$state"
elif git merge-base --is-ancestor HEAD "refs/remotes/$remote/$branch" 2>/dev/null; then
	echo "$state: unchanged"
	exit 0
fi # else an earlier commit still waits to be pushed

tries=5
until git push --quiet "$remote" "HEAD:refs/heads/$branch"; do
	tries=$((tries - 1))
	[ "$tries" -gt 0 ] || keep_apart "$remote took no push of $branch: others were always faster"
	git fetch --quiet "$remote" "$branch" || keep_apart "$remote can't be reached"
	if git merge-base --is-ancestor FETCH_HEAD HEAD; then
		keep_apart "$remote refuses the push of $branch, though nothing newer is there"
	fi
	git rebase --quiet --autostash FETCH_HEAD >/dev/null || {
		git rebase --abort
		keep_apart "$state was changed on $branch by another run, too"
	}
	reconciler status --state "$state" >/dev/null || keep_apart "$state can't be read any more"
done
echo "$state: pushed to $branch"
