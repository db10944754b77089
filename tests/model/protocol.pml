/*
 * The protocol by which one name is bought exactly once: a model for spin.
 *
 * Any number of runs (up to RUNS), each of which may die at any step; answers that get lost; a
 * service that carries out a request late, and lists what it made later still; time that passes
 * wherever a run waits, is asked a question or is frozen. What every run of the program does for one
 * entry stands in `Run`; the words in capitals are the steps of docs/exactly-once.md.
 *
 * Two things are asserted: no name is ever bought twice (`buy`), and nothing is recorded that none of
 * our requests made (`record`). configurations.py lists with which switches that holds, and with
 * which it must fail: a switch takes an assumption or a safeguard away.
 *
 * What is left out: other names (a listing holds only instances of this one), tokens, the disk below
 * a synced record. Those have tests of their own (tests/exactly_once).
 *
 * sizes   -DRUNS -DMAXT (end of time, in ticks) -DSETTLED (--settled-after) -DDMAX (how late the
 *         service makes an instance) -DLMAX (how late it lists it) -DWINDOW (launchUntil)
 *         -DTIMEOUT (--timeout)
 * places  (none)        one disk, and its lock
 *         -DTWO_STATES  two machines, each with a state and a lock of its own
 *         -DTRAVELS     runners whose disks are gone after each run; what was pushed travels
 *         -DTURNS       one runner at a time (a concurrency group)
 *         -DCHECKPOINT  the announcement is pushed before the first request, onto what was pulled
 *         -DPOSTSTEP    the runner pushes its state after the run, also when that was killed
 * world   -DTHROTTLES   429, also after creating          -DLIES  a refusal that did create
 *         -DFOREIGN     somebody makes an instance of this name by hand
 *         -DDELETES     somebody deletes an instance      -DLOSES the state is lost, once
 *         -DJUMPS       the wall clock jumps ahead, once, and no other clock can be read
 *         -DFREEZES     a machine is frozen between the last look at its clock and the request
 * less    -DBLIND       --no-remote-check
 *         -DNO_INTENT -DNO_RELIST -DNO_WINDOW -DNO_EXPOSURE -DSENDS_AGAIN  wrong programs
 *         -DSTEADY      no time passes between a listing and the request that rests on it: histories
 *                       that test_history.py can replay, each step of which is printed
 * asks    -DTWINS       instead of the second: nothing is bought beside what a fresh look would show
 */
#ifndef RUNS
#define RUNS 3
#endif
#ifndef MAXT
#define MAXT 7
#endif
#ifndef SETTLED
#define SETTLED 3
#endif
#ifndef DMAX
#define DMAX 1
#endif
#ifndef LMAX
#define LMAX 1
#endif
#ifndef WINDOW
#define WINDOW 1
#endif
#ifndef TIMEOUT
#define TIMEOUT 1
#endif
#define FRESH 1  /* ticks for which a listing is good enough to create on */
#define SLOTS 3  /* instances: ours, one too many, and somebody's */

mtype = { nothing, pending, recorded };

/* What a state and its journal say about the name. */
typedef Known {
  mtype stage = nothing;
  byte id;     /* the recorded instance: its slot, from 1 */
  byte since;  /* when the pending create was announced */
  byte ended;  /* when its exposure ended, from 1; 0: not recorded */
  byte before  /* the snapshot: a bit for each instance that was listed before */
}

Known disk[2];    /* of each machine: whatever is here survives a kill */
Known shared;     /* what was pushed */
byte pushed = 0;  /* how often */
bool held[2];     /* the lock of each disk; it dies with its run */
bool turn = false;

byte now = 0;
byte jump = 0;            /* how far the wall clock is wrong */
byte made = 0;            /* slots in use */
byte bought = 0;
bool ours[SLOTS];
byte listed_at[SLOTS];
byte deleted = 0;         /* a bit for each instance */
byte started = 0, finished = 0;

#define wall (now + jump)
#define me disk[m]

inline copy(from, to) {
  to.stage = from.stage; to.id = from.id; to.since = from.since; to.ended = from.ended; to.before = from.before
}

inline pass() { do :: now < MAXT -> now++ :: break od }
#ifdef STEADY
#define pause() skip
#else
#define pause() pass()
#endif

/* getInstances: a bit for each live instance that is listed by now. */
inline look(seen) {
  seen = 0; k = 0;
  do
  :: k < made -> if :: listed_at[k] <= now && !(deleted & (1 << k)) -> seen = seen | (1 << k) :: else fi; k++
  :: else -> break
  od;
  k = 0
}

/* What a listing proves about a pending create: how many newcomers there are, and which is the last. */
inline judge(listing, prior, newcomers, which) {
  newcomers = 0; which = 0; k = 0;
  do
  :: k < SLOTS -> if :: (listing & ~prior) & (1 << k) -> newcomers++; which = k + 1 :: else fi; k++
  :: else -> break
  od;
  k = 0
}

inline record(slot) {
#ifndef TWINS
  assert(ours[slot - 1]);
#endif
  me.stage = recorded; me.id = slot; me.since = 0; me.ended = 0; me.before = 0
}

inline forget() { me.stage = nothing; me.since = 0; me.ended = 0; me.before = 0 }

inline announce() { me.stage = pending; me.since = wall; me.ended = 0; me.before = seen }

inline buy() {
#ifdef TWINS
  k = 0;
  do
  :: k < made -> assert(deleted & (1 << k) || listed_at[k] + FRESH + WINDOW >= now); k++
  :: else -> break
  od;
  k = 0;
#endif
  select(late : 0 .. DMAX); select(lag : 0 .. LMAX);
  ours[made] = true; listed_at[made] = now + late + lag; made++; mine = made;
  bought++;
  printf("made %d\n", late + lag);
  assert(bought <= 1)
}

inline may_die(where) {
  if
  :: printf("dies %e\n", where); goto dead
  :: true
#ifdef STEADY
  :: true :: true  /* a random walk takes each with the same chance */
#endif
  fi
}

inline push() {
  if
  :: pushed == base -> copy(me, shared); pushed++; base = pushed
  :: else  /* somebody else pushed meanwhile: refused */
  fi
}

mtype = { before_intent, after_intent, after_send, after_answer };

proctype Run(byte m) {
  byte seen, newcomers, which, mine, late, lag, looked, base, k;

  /* THE LOCK */
#ifdef TURNS
  atomic { !turn && !held[m] -> turn = true; held[m] = true; goto locked }
#else
  atomic { !held[m] -> held[m] = true }
#endif
locked:
  atomic {
    printf("starts %d\n", now);
#ifdef TRAVELS
    copy(shared, me); base = pushed;
#endif
    if :: me.stage == recorded -> goto done :: else fi;
    if
    :: me.stage == pending && me.ended == 0 ->
#ifdef NO_EXPOSURE
       me.ended = 1 + me.since
#else
#ifdef TRAVELS
       me.ended = 1 + me.since + WINDOW + TIMEOUT  /* its run may be alive elsewhere */
#else
       me.ended = 1 + wall                         /* its run is dead: we have its lock */
#endif
#endif
    :: else
    fi
  }

  /* THE ACCOUNT, and what it proves about a create that an earlier run left open */
#ifndef BLIND
  atomic {
    look(seen); looked = now;
    if
    :: me.stage == pending ->
       judge(seen, me.before, newcomers, which);
       if
       :: newcomers == 1 -> record(which); goto done
       :: newcomers > 1 -> goto done                                      /* ambiguous */
       :: newcomers == 0 && wall + 1 >= me.ended + SETTLED -> forget()    /* not created */
       :: else -> goto done                                               /* unresolved */
       fi
    :: else
    fi;
    if :: seen -> goto done :: else fi                                    /* the name is taken */
  }
#else
  atomic { if :: me.stage == pending -> goto done :: else -> seen = 0; looked = now fi }
#endif

  /* THE QUESTION, and the account once more */
  pause();
again:
#if !defined(BLIND) && !defined(NO_RELIST)
  atomic { look(seen); looked = now; if :: seen -> goto given_up :: else fi }
#endif

  /* THE INTENT, on disk */
  pause();
#ifndef NO_RELIST
  if :: now > looked + FRESH -> goto again :: else fi;
#endif
  may_die(before_intent);
#ifndef NO_INTENT
  atomic { announce() }
#ifdef CHECKPOINT
  atomic { push(); if :: base != pushed -> goto gone :: else fi }
#endif
#endif
  may_die(after_intent);

  /* THE REQUEST leaves within its window, or is announced anew */
  pause();
send:
  atomic {
#if !defined(NO_WINDOW) && !defined(NO_INTENT)
    if :: wall > me.since + WINDOW -> goto again :: else fi;
#endif
#ifdef FREEZES
    skip
  }
  pass();
  atomic {
#endif
    mine = 0;
    if
    :: buy()
    :: printf("not made\n")  /* lost on the way, or not carried out */
    fi
  }
  may_die(after_send);

  /* THE ANSWER */
  if
  :: mine && late == 0 -> printf("answered\n"); goto answered
#ifdef LIES
  :: true -> goto refused
#else
  :: !mine -> printf("refused\n"); goto refused
#endif
#ifdef THROTTLES
  :: printf("throttled\n"); goto throttled
#endif
  :: printf("lost\n")
  fi;
#ifdef SENDS_AGAIN
  goto send;
#endif
  pass();
  atomic {
    printf("gives up %d\n", now);
    if :: me.stage == nothing -> announce() :: else fi;
    me.ended = 1 + wall
  }
  may_die(after_answer);
  /* SETTLING: ask once more what became of it */
  pass();
  atomic {
    printf("asks %d\n", now);
    look(seen); judge(seen, me.before, newcomers, which);
    if :: newcomers == 1 -> record(which) :: else fi
  };
  goto done;

answered:
  may_die(after_answer);
  atomic { record(mine); goto done }

refused:
  may_die(after_answer);
  atomic { forget(); goto done }

#ifdef THROTTLES
throttled:  /* the wait, and a listing that shows whether it is there */
  pass();
  may_die(after_answer);
  atomic {
    look(seen); judge(seen, me.before, newcomers, which);
    if
    :: newcomers == 1 -> record(which); goto done
    :: newcomers > 1 -> goto done
    :: newcomers == 0 -> forget(); goto again
    fi
  }
#endif

given_up:  /* the name was taken meanwhile; what was announced and not sent is closed */
  atomic { if :: me.stage == pending -> forget() :: else fi; goto done }

dead:
#ifndef POSTSTEP
  goto gone;
#endif
done:
#ifdef TRAVELS
  atomic { push() }
#endif
gone:
  atomic {
    printf("ends %e %d %d\n", me.stage, me.id, bought);
    mine = 0; seen = 0;
    held[m] = false;
#ifdef TURNS
    turn = false;
#endif
    finished++
  }
}

#ifdef FOREIGN
active proctype Somebody() {
  byte lag;
  atomic {
#ifdef STEADY
    !held[0] && now > 0 ->
#endif
    select(lag : 0 .. LMAX); listed_at[made] = now + lag; made++;
    printf("somebody %d %d\n", now, lag)
  }
}
#endif

#ifdef DELETES
active proctype Remover() { atomic { made && listed_at[0] <= now -> deleted = deleted | 1 } }
#endif

#ifdef LOSES
active proctype Loser() {
  atomic { !held[0] && disk[0].stage != nothing -> disk[0].stage = nothing; disk[0].ended = 0; disk[0].before = 0 }
}
#endif

#ifdef JUMPS
active proctype Adjuster() { jump = SETTLED }
#endif

init {
  byte gap;
  do
  :: started < RUNS ->
#ifdef STEADY
     started == finished; select(gap : 0 .. 3); now = now + gap;
#else
     if :: started == finished -> atomic { pass() } :: else fi;  /* else the others let it pass */
#endif
#if defined(TRAVELS) || defined(TWO_STATES)
     atomic { started - finished < 2 -> started++; run Run(started % 2) }
#else
     atomic { started == finished -> started++; run Run(0) }
#endif
  :: else -> break
  od
}
