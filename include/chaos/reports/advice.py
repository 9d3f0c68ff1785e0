"""What a person does next, for each reason that the judge can give: the first pattern that fits counts. Pure."""

from include.chaos.model import VerdictValue

CLOSING = {
    VerdictValue.PASSED: (
        "Nothing needs mending. Repeat the experiment when the pipeline or its surroundings change: one run of "
        "a chance event says little."
    ),
    VerdictValue.FAILED: (
        "Mend the pipeline, then run the same experiment again. It is mended when the verdict is `passed`."
    ),
    VerdictValue.NOT_EXERCISED: (
        "This run says nothing for or against the pipeline. Mend the experiment, then run it again."
    ),
    VerdictValue.INCONCLUSIVE: "This run decides nothing. Get what was not measured, then run the experiment again.",
}
"""What holds whatever the reasons are."""

OPEN = (
    "The experiment run was never closed: it goes on, or its agent has not come back. Read it again when it is closed. "
)
"""What holds besides while a run is open."""

ADVICE: tuple[tuple[str, str], ...] = (
    (
        r"The oracle contradicts",
        (
            "Compare the samples with their sources by hand. Mend the oracle where it is wrong; where it is right, run "
            "the pipeline once undisturbed, for what stands is not what it would land now."
        ),
    ),
    (
        r"The steady state has no probe",
        "Give the hypothesis a probe that sees what a consumer of the data sees.",
    ),
    (
        r"The steady state was not measured",
        "See in the conducting DAG why `measure_steady_state` did not end, and run the experiment again.",
    ),
    (
        r"The start was not healthy",
        (
            "Bring these probes within tolerance with nothing struck: mend what they look at or, where their "
            "tolerance asks for too much, the tolerance."
        ),
    ),
    (
        r".* gave no look before the strike",
        (
            "See whether what these probes look at can be reached from the agent, and whether their timeout is "
            "long enough."
        ),
    ),
    (
        r"Nothing was struck: the experiment has no strike",
        "Give the experiment a strike.",
    ),
    (
        r"Nothing was struck: the agent was halted",
        "Find out why it was halted; `chaos-control resume` allows strikes.",
    ),
    (
        r"Nothing was struck: the experiment was aborted",
        "Find out what took a probe out of tolerance before this strike; the abort did what it should.",
    ),
    (
        r"Nothing was struck: the agent died",
        ("Find out why the agent died, which no fault of this experiment should bring about; then run it again."),
    ),
    (
        r"Nothing was struck: the lease ended",
        "The strike point came too late for the lease: see how long the pipeline takes to it, undisturbed.",
    ),
    (
        r"Nothing was struck: the (?:strike was never begun|experiment run was stopped)",
        "See in the conducting DAG whether the task `strike` was reached, and who stopped the run.",
    ),
    (
        r"Nothing was struck",
        (
            "See whether the strike point is reached in an undisturbed run: the stage may be too short or too "
            "early for it, or the target may not have been there."
        ),
    ),
    (
        r"A target could not be struck",
        "Mend what this error names, then check the file with `chaos-control validate`.",
    ),
    (
        r"The strike did not come about as planned",
        "See in the course of events what came between, and whether all targets were there.",
    ),
    (
        r"The strike came (?:when|before) stage",
        (
            "Choose a strike point that lies well within the stage, or give the pipeline enough work for the "
            "stage to last."
        ),
    ),
    (
        r"The fault was injected, but no probe saw an effect",
        (
            "Add a probe that sees the fault where it strikes, or let the fault be stronger or longer. If "
            "nothing can see it, the experiment shows nothing."
        ),
    ),
    (
        r".*?: .*\b\d+ lost\b.*expected rows",
        (
            "Rows are missing: see in the samples whose they are, and where the stage that writes them can lose "
            "what it had read: work marked as done before it is committed, errors that are swallowed, retries "
            "that begin too late."
        ),
    ),
    (
        r".*?: .*\b\d+ duplicated\b.*expected rows",
        (
            "Rows are there more than once: make the stage's writing replace what an earlier try left, by key "
            "or in one transaction with its removal."
        ),
    ),
    (
        r".*?: .*\b\d+ corrupted\b.*expected rows",
        (
            "Rows have wrong values: compare the samples with their sources, and see whether half-written or "
            "stale input can be read without an error."
        ),
    ),
    (
        r".*?: .*\b\d+ unexpected\b.*expected rows",
        (
            "There are rows that nobody expects: see whether an earlier run's rows are left standing, or "
            "another writer shares the relation."
        ),
    ),
    (
        r"\d+ of \d+ objects of the manifest are lost",
        (
            "Follow one of these objects through the stages' logs: each must end as landed, or as quarantined "
            "with a reason."
        ),
    ),
    (
        r".* quarantined without a reason",
        (
            "Have the stage that puts an object aside write down why, in the transaction that does so; whoever mends "
            "the object needs it."
        ),
    ),
    (
        r"The manifest was changed after stage",
        (
            "Freeze the list of what a run must land once, and let no later stage or try write to it: what came later "
            "belongs to the next run."
        ),
    ),
    (
        r"Consumers read the publication of run",
        "See why this run did not publish: consumers still read what another run left.",
    ),
    (
        r"Consumers could read what is no publication",
        (
            "Show a run's rows and its stamp in one transaction, in all relations at once: stage them out of sight "
            "and move one pointer, or replace all relations and the stamp together."
        ),
    ),
    (
        r".*nothing kept the older from writing",
        (
            "Fence the tries off: let each write only while it is the newest, by a number that the newest raises and "
            "every transaction shares."
        ),
    ),
    (
        r"Whether the rows landed in time is unknown",
        (
            "See why it was not told when the run began or when its rows were published: Airflow's API may have been "
            "away while the agent asked, or the contract's `publication` gives no moment."
        ),
    ),
    (
        r"The pipeline's run ended",
        (
            "Read the log of the task that failed last. A fault of this length must be outlived: by retries "
            "with enough patience, or by reconnecting."
        ),
    ),
    (
        r"The rows landed .* late",
        (
            "See in the course which stage took longer than in the undisturbed run. Make its recovery quicker, begin "
            "earlier, or agree on another freshness with those who read."
        ),
    ),
    (
        r"Nobody could read as a consumer does",
        "See whether the reader's login and the warehouse's address are right, and read once by hand as it does.",
    ),
    (
        r".* nothing kept the older from writing",
        (
            "Fence what is written by try: a newer try must take the right to write from the older before it begins, "
            "and the older must be refused when it commits."
        ),
    ),
    (
        r"The experiment was aborted: .*longer than it bears",
        (
            "See how long the probe was out of tolerance: make the pipeline's dependence on the target shorter, "
            "or say openly in `abort_when` that more is borne."
        ),
    ),
    (
        r"The steady state did not return",
        (
            "See which probe stayed out of tolerance, and what has to be started or mended by hand: nothing did "
            "so by itself."
        ),
    ),
    (
        r"The steady state broke again",
        "See what happened at that moment: recovery was not lasting, or something else struck.",
    ),
    (
        r"Airflow never told when stage",
        "See whether the stage's name is that of a task, and whether Airflow's API answered during the run.",
    ),
    (
        r".* was out of tolerance before the strike began",
        "Let the strikes be further apart, or begin only when all is steady.",
    ),
    (
        r"No probe could look after the injection",
        "Add a probe that does not pass through what is struck, and see why the agent could not look.",
    ),
    (
        r"The undo is not confirmed",
        (
            "Look at the target before anything else, and remove the fault by hand where it is left. Then "
            "`chaos-control experiment close` ends the run."
        ),
    ),
    (
        r"The fault was held for",
        "Find out who ended it early, and run the experiment again undisturbed.",
    ),
    (
        r".* was replaced or freed during the hold",
        ("See who replaced it. Where that is the platform's own healing, choose a fault or a hold that fits it."),
    ),
    (
        r"The experiment was aborted",
        "Find out why the agent's condition came true; where it was time or blindness alone, give it more.",
    ),
    (
        r"The pipeline's run was never seen",
        "See whether the conducting DAG started the pipeline, and whether Airflow's API answered.",
    ),
    (
        r"The rows were not compared",
        "Make the oracle and the comparison run by themselves first; what they say is in this reason.",
    ),
    (
        r"No row was expected",
        "Run with input of which rows are expected.",
    ),
    (
        r"The steady state broke between the baseline and the strike",
        ("Find out what disturbs the system with nothing struck, and run the experiment again when it is calm."),
    ),
    (
        r"The judge crashed",
        "Keep the journal, and report this error: it is one of the tool, not of the pipeline.",
    ),
)
"""Patterns of reasons, from the narrower to the wider, and what to do. Of rows all that fit count."""
