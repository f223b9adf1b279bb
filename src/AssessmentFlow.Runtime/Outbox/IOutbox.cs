using AssessmentFlow.Runtime.Turns;

namespace AssessmentFlow.Runtime.Outbox;

/// <summary>Carries out what a committed turn wants told. It may forget: what it forgets lies in the database and is taken up again.</summary>
internal interface IOutbox
{
    /// <summary>Begins to deliver the messages of a turn that was committed, and notes its timers.</summary>
    void Dispatch(Turn turn);

    /// <summary>Nobody knows whether a turn was committed: if it was, its messages are found in the database.</summary>
    void Doubt(Turn turn);
}
