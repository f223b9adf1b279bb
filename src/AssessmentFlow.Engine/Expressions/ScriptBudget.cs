using AssessmentFlow.Engine.Execution;
using Jint;
using Jint.Runtime;

namespace AssessmentFlow.Engine.Expressions;

/// <summary>The statements and template steps that the scripts of one turn may still execute together.</summary>
internal sealed class ScriptBudget
{
    private int _statements = EngineLimits.ScriptStatementsPerTurnMax;

    public int Remaining => _statements;

    public void Spend(int statements) => _statements -= statements;

    /// <summary>Counts one statement.</summary>
    /// <exception cref="StatementsCountOverflowException">None is left.</exception>
    public void Charge()
    {
        if (--_statements < 0)
        {
            throw new StatementsCountOverflowException();
        }
    }

    public Constraint CreateConstraint() => new StatementConstraint(this);

    private sealed class StatementConstraint(ScriptBudget budget) : Constraint
    {
        public override void Check() => budget.Charge();

        public override void Reset()
        {
            // The budget is one for the whole turn: a new script does not renew it.
        }
    }
}
