namespace AssessmentFlow.Engine.Execution;

/// <summary>
/// An activity does not take what reached it. The turn is given up: nothing of it is recorded, what waited goes on
/// waiting, and who sent the input is told why.
/// </summary>
internal sealed class InputRefusedException(Refusal refusal) : Exception(refusal.Message)
{
    /// <summary>Why, for who sent the input.</summary>
    public Refusal Refusal => refusal;
}
