/*
 * How runs on one bucket are kept apart without a lock: a model for spin.
 *
 * Each of RUNS runs reads the state and its journal, records what it likes, folds now and then, and
 * buys one name, unless it knows that this was announced. All of them are at work at the same time,
 * each is as slow as it likes at any step, and any may end anywhere. What reconciler/state/objects.py
 * promises is asserted: whatever the order, the name is bought once.
 *
 * Switches take a safeguard away: -DPUTS_OVER (numbers are no condition), -DNO_LOOK (nobody looks
 * whether the state was replaced), -DREMOVES_ALL (a fold removes what it never read), -DFOLDS_OVER
 * (the state is replaced whatever its version is).
 */
#ifndef RUNS
#define RUNS 2
#endif
#ifndef NUMBERS
#define NUMBERS 5
#endif
#define FOLDS 2  /* of one run */

mtype = { free, other, announcement };

mtype journal[NUMBERS + 1];
byte version = 0;  /* of the state */
byte last = 0;     /* the number that the journal had come to, as the state says */
bool knows = false; /* whether the state knows of the announcement */
byte bought = 0;

inline put(what) {
  atomic {
    if
    :: next > NUMBERS -> goto ended
    :: else
    fi;
#ifndef PUTS_OVER
    if :: journal[next] != free -> goto ended :: else fi;  /* overtaken */
#endif
    journal[next] = what;
    next++
  }
#ifndef NO_LOOK
  atomic { if :: version != seen -> goto ended :: else fi }
#endif
}

inline fold() {
  atomic {
#ifndef FOLDS_OVER
    if :: version != seen -> goto ended :: else fi;
#endif
    version++; seen = version; knows = aware; last = next - 1; folds++;
    step = low
  }
  do
#ifdef REMOVES_ALL
  :: step <= NUMBERS -> journal[step] = free; step++
#else
  :: step < next -> journal[step] = free; step++
#endif
  :: else -> break
  od;
  low = next
}

proctype Run() {
  byte seen, next, low, step, folds;
  bool aware;

  /* the state, and then one object of the journal after the other */
  atomic { seen = version; aware = knows; next = last + 1; low = next }
  do
  :: atomic {
       next <= NUMBERS && journal[next] != free ->
       if :: journal[next] == announcement -> aware = true :: else fi;
       next++
     }
  :: atomic { next > NUMBERS || journal[next] == free -> break }
  od;

  do
  :: !aware ->
     put(announcement);
     aware = true;
     atomic { bought++; assert(bought <= 1) }
  :: put(other)
  :: folds < FOLDS -> fold()
  :: break
  od;
ended:
  skip
}

init {
  byte started;
  atomic {
    do
    :: started <= NUMBERS -> journal[started] = free; started++
    :: else -> break
    od;
    started = 0;
    do
    :: started < RUNS -> run Run(); started++
    :: else -> break
    od
  }
}
