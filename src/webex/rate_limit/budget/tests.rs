//! Tests of the budget, event by event and under random sequences of events.

use proptest::prelude::*;

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn wait(seconds: i64) -> CallEnd {
    CallEnd::RateLimited(SignedDuration::from_secs(seconds))
}

/// A call that must proceed.
fn proceed(budget: &mut Budget, second: i64) -> CallTicket {
    match budget.request(at(second)) {
        RateDecision::Proceed(ticket) => ticket,
        other => panic!("expected to proceed, found {other:?}"),
    }
}

/// A call that proceeds and ends at once.
fn call(budget: &mut Budget, second: i64, end: CallEnd) -> PauseChange {
    let ticket = proceed(budget, second);
    budget.end(&ticket, end, at(second))
}

#[test]
fn a_burst_proceeds_up_to_the_ceiling() {
    let mut budget = Budget::new();
    let tickets: Vec<CallTicket> = (0..CEILING).map(|_| proceed(&mut budget, 0)).collect();
    assert_eq!(budget.request(at(0)), RateDecision::Wait);
    budget.end(&tickets[7], CallEnd::Accepted, at(0));
    proceed(&mut budget, 0);
    assert_eq!(budget.request(at(0)), RateDecision::Wait);
}

#[test]
fn a_requested_wait_pauses_all_calls_until_it_is_over() {
    let mut budget = Budget::new();
    assert_eq!(call(&mut budget, 0, wait(20)), PauseChange::Began);
    for second in [0, 7, 19] {
        assert_eq!(budget.request(at(second)), RateDecision::Paused(at(20)), "{second}");
    }
    proceed(&mut budget, 20);
}

#[test]
fn after_a_pause_a_probe_goes_first_and_the_others_wait_for_it() {
    for (end, change) in
        [(CallEnd::Accepted, PauseChange::Ended), (CallEnd::Inconclusive, PauseChange::Ended)]
    {
        let mut budget = Budget::new();
        call(&mut budget, 0, wait(20));
        let probe = proceed(&mut budget, 20);
        assert_eq!(
            (budget.request(at(20)), budget.request(at(25))),
            (RateDecision::Wait, RateDecision::Wait)
        );
        assert_eq!(budget.end(&probe, end, at(26)), change);
        proceed(&mut budget, 26);
    }
}

#[test]
fn a_rate_limited_probe_begins_the_next_pause() {
    let mut budget = Budget::new();
    call(&mut budget, 0, wait(20));
    assert_eq!(call(&mut budget, 21, wait(5)), PauseChange::Began);
    assert_eq!(budget.request(at(21)), RateDecision::Paused(at(26)));
}

#[test]
fn an_abandoned_probe_leaves_its_role_to_the_next_call() {
    let mut budget = Budget::new();
    call(&mut budget, 0, wait(20));
    assert_eq!(call(&mut budget, 20, CallEnd::Abandoned), PauseChange::None);
    let probe = proceed(&mut budget, 20);
    assert_eq!(budget.request(at(20)), RateDecision::Wait);
    assert_eq!(budget.end(&probe, CallEnd::Accepted, at(20)), PauseChange::Ended);
}

#[test]
fn a_rate_limited_burst_halves_the_limit_once_and_takes_the_longest_wait() {
    let mut budget = Budget::new();
    let burst: Vec<CallTicket> = (0..40).map(|_| proceed(&mut budget, 0)).collect();
    assert_eq!(budget.end(&burst[0], wait(7), at(1)), PauseChange::Began);
    assert_eq!(budget.end(&burst[1], wait(30), at(1)), PauseChange::Extended);
    for ticket in &burst[2..] {
        assert_eq!(budget.end(ticket, wait(3), at(1)), PauseChange::None);
    }
    assert_eq!((budget.limit(), budget.paused_until(at(1))), (20, Some(at(31))));
    call(&mut budget, 31, wait(1));
    assert_eq!(budget.limit(), 1, "the next pause halves it again, down to one");
}

#[test]
fn a_late_refusal_from_before_the_pause_pauses_again_but_halves_nothing() {
    let mut budget = Budget::new();
    let burst: Vec<CallTicket> = (0..4).map(|_| proceed(&mut budget, 0)).collect();
    budget.end(&burst[0], wait(2), at(0));
    budget.end(&burst[1], CallEnd::Accepted, at(0));
    budget.end(&burst[2], CallEnd::Accepted, at(0));
    let late = &burst[3];
    let probe = proceed(&mut budget, 2);
    let limit = budget.limit();
    budget.end(late, wait(10), at(3));
    assert_eq!(
        budget.end(&probe, CallEnd::Accepted, at(4)),
        PauseChange::None,
        "the probe was sent before the late refusal"
    );
    assert_eq!(budget.request(at(4)), RateDecision::Paused(at(13)));
    assert_eq!(budget.limit(), limit);
}

#[test]
fn each_round_of_successful_calls_raises_the_limit_by_one() {
    let mut budget = Budget::new();
    let burst: Vec<CallTicket> = (0..8).map(|_| proceed(&mut budget, 0)).collect();
    for ticket in &burst {
        budget.end(ticket, wait(1), at(0));
    }
    for limit in 4..10 {
        assert_eq!(budget.limit(), limit);
        for _ in 0..limit {
            call(&mut budget, 1, CallEnd::Accepted);
        }
    }
    let limit = budget.limit();
    for _ in 0..100 {
        call(&mut budget, 1, CallEnd::Inconclusive);
    }
    assert_eq!(budget.limit(), limit, "errors do not raise the limit");
}

#[test]
fn the_limit_is_the_ceiling_again_five_minutes_after_the_pause() {
    let mut budget = Budget::new();
    call(&mut budget, 0, wait(10));
    call(&mut budget, 10, CallEnd::Accepted);
    call(&mut budget, 309, CallEnd::Accepted);
    assert!(budget.limit() < 5);
    call(&mut budget, 310, CallEnd::Accepted);
    assert_eq!(budget.limit(), CEILING);
}

#[test]
fn a_pause_of_another_process_holds_here_too() {
    let mut budget = Budget::new();
    assert_eq!(budget.adopt_pause(at(30), at(0)), PauseChange::Began);
    assert_eq!(budget.request(at(29)), RateDecision::Paused(at(30)));
    assert_eq!(budget.limit(), CEILING);
    assert_eq!(budget.adopt_pause(at(30), at(1)), PauseChange::None, "already known");
    assert_eq!(budget.adopt_pause(at(20), at(1)), PauseChange::None, "ends sooner");
    assert_eq!(budget.adopt_pause(at(40), at(1)), PauseChange::Extended);
    assert_eq!(budget.adopt_pause(at(41), at(50)), PauseChange::None, "already over");
    let probe = proceed(&mut budget, 50);
    assert_eq!(budget.request(at(50)), RateDecision::Wait);
    budget.end(&probe, CallEnd::Accepted, at(50));
    proceed(&mut budget, 50);
}

/// An event of a random sequence.
#[derive(Debug, Clone, Copy)]
enum BudgetEvent {
    Request,
    /// One of the calls in flight ends.
    End(usize, CallEnd),
    AdoptPause(i64),
    Pass(i64),
}

fn any_event() -> impl Strategy<Value = BudgetEvent> {
    let end = prop_oneof![
        3 => Just(CallEnd::Accepted),
        2 => (1..40_i64).prop_map(wait),
        1 => Just(CallEnd::Inconclusive),
        1 => Just(CallEnd::Abandoned),
    ];
    prop_oneof![
        5 => Just(BudgetEvent::Request),
        4 => (any::<usize>(), end).prop_map(|(which, end)| BudgetEvent::End(which, end)),
        1 => (-50..50_i64).prop_map(BudgetEvent::AdoptPause),
        2 => (0..50_i64).prop_map(BudgetEvent::Pass),
    ]
}

proptest! {
    /// In any order of events, no call proceeds in a pause or beyond the limit. At most one call proceeds between the
    /// end of a pause and the result of its probe. When all calls have ended, the next one proceeds.
    #[test]
    fn no_order_of_events_breaks_a_rule_or_loses_a_permit(events in prop::collection::vec(any_event(), 1..300)) {
        let mut budget = Budget::new();
        let mut in_flight: Vec<CallTicket> = Vec::new();
        let (mut second, mut paused_until) = (0, i64::MIN);
        // The probe in flight, after a pause whose end is not confirmed yet.
        let mut probe: Option<u64> = None;
        let mut is_confirmed = true;
        for event in events {
            match event {
                BudgetEvent::Request => {
                    let had = in_flight.len();
                    match budget.request(at(second)) {
                        RateDecision::Proceed(ticket) => {
                            prop_assert!(second >= paused_until, "a call in a pause");
                            prop_assert!(had < budget.limit() as usize, "a call beyond the limit");
                            prop_assert!(probe.is_none(), "a call beside the probe");
                            if !is_confirmed {
                                probe = Some(ticket.number);
                            }
                            in_flight.push(ticket);
                        }
                        RateDecision::Wait => prop_assert!(had > 0, "nothing would ever wake it"),
                        RateDecision::Paused(until) => prop_assert_eq!((until, second < paused_until), (at(paused_until), true)),
                    }
                }
                BudgetEvent::End(which, end) if !in_flight.is_empty() => {
                    let ticket = in_flight.swap_remove(which % in_flight.len());
                    budget.end(&ticket, end, at(second));
                    let is_probe = probe == Some(ticket.number);
                    if let CallEnd::RateLimited(wait) = end {
                        paused_until = paused_until.max(second + wait.as_secs());
                        (probe, is_confirmed) = (None, false);
                    } else if is_probe {
                        probe = None;
                        is_confirmed = end != CallEnd::Abandoned;
                    }
                }
                BudgetEvent::End(..) => {}
                BudgetEvent::AdoptPause(seconds) => {
                    budget.adopt_pause(at(second + seconds), at(second));
                    if seconds > 0 && second + seconds > paused_until {
                        paused_until = second + seconds;
                        (probe, is_confirmed) = (None, false);
                    }
                }
                BudgetEvent::Pass(seconds) => second += seconds,
            }
            prop_assert!((FLOOR..=CEILING).contains(&budget.limit()));
            prop_assert_eq!(budget.in_flight as usize, in_flight.len());
        }
        for ticket in in_flight {
            budget.end(&ticket, CallEnd::Abandoned, at(second));
        }
        let later = at(second.max(paused_until));
        prop_assert!(matches!(budget.request(later), RateDecision::Proceed(_)), "a permit was lost");
    }
}

#[test]
fn a_pause_of_a_wrong_clock_is_not_believed() {
    const HOUR: i64 = 3600;
    let mut budget = Budget::new();
    assert_eq!(budget.adopt_pause(at(HOUR + 61), at(0)), PauseChange::None);
    assert_eq!(budget.paused_until(at(0)), None);
    assert_eq!(budget.adopt_pause(at(HOUR), at(0)), PauseChange::Began);
    assert_eq!(budget.paused_until(at(0)), Some(at(HOUR)));

    // The clock is set back by a day during a pause: the pause ends, and the next call is the probe.
    let mut budget = Budget::new();
    call(&mut budget, 0, wait(20));
    let yesterday = -24 * HOUR;
    assert_eq!(budget.paused_until(at(yesterday)), None);
    let probe = proceed(&mut budget, yesterday);
    assert_eq!(budget.request(at(yesterday)), RateDecision::Wait);
    assert_eq!(budget.end(&probe, CallEnd::Accepted, at(yesterday)), PauseChange::Ended);
    proceed(&mut budget, yesterday);
    assert_eq!(budget.limit(), CEILING, "the limit of a wrong clock does not last either");
}
