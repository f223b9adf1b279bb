namespace AssessmentFlow.EndToEndTests.Chaos;

/// <summary>The judge of a chaos run sees what it is there to see.</summary>
public sealed class ChaosVerdictTests
{
    private static readonly StoredInstance Sound = new("a", ChaosWorkflows.Case, ParentId: null, IsFinished: true, ChaosWorkflows.CaseLines);
    private static readonly StoredInstance SoundChild = new("b", ChaosWorkflows.Child, "a", IsFinished: true, ChaosWorkflows.ChildLines);
    private static readonly Acknowledgement Start = new("start", "a", 1, TimeSpan.Zero);

    [Fact]
    public void A_run_in_which_everything_happened_once_is_sound()
    {
        var verdict = Judge(Sound, SoundChild);

        Assert.Equal((0, 0, 0), (verdict.Lost.Count, verdict.Doubled.Count, verdict.Stuck.Count));
        Assert.True(verdict.IsSound);
    }

    [Fact]
    public void An_acknowledged_request_without_a_turn_is_lost()
    {
        var verdict = ChaosVerdict.Of([Start with { Key = "other" }], Stored(Sound, SoundChild), leftOver: []);

        Assert.Single(verdict.Lost);
    }

    [Fact]
    public void An_answer_that_names_another_version_than_the_turn_has_is_lost()
    {
        var verdict = ChaosVerdict.Of([Start with { Version = 2 }], Stored(Sound, SoundChild), leftOver: []);

        Assert.Single(verdict.Lost);
    }

    [Fact]
    public void A_line_that_was_written_twice_is_doubled()
    {
        var verdict = Judge(Sound with { Lines = [.. ChaosWorkflows.CaseLines[..2], .. ChaosWorkflows.CaseLines[1..]] }, SoundChild);

        Assert.Single(verdict.Doubled);
    }

    [Fact]
    public void A_second_child_is_doubled()
    {
        var verdict = Judge(Sound, SoundChild, SoundChild with { Id = "c" });

        Assert.Single(verdict.Doubled);
    }

    [Fact]
    public void An_instance_that_did_not_end_is_stuck()
    {
        var verdict = Judge(Sound with { IsFinished = false, Lines = ChaosWorkflows.CaseLines[..3] }, SoundChild);

        Assert.Empty(verdict.Doubled);
        Assert.Single(verdict.Stuck);
    }

    [Fact]
    public void A_message_or_timer_that_is_left_over_is_named_though_every_case_has_ended()
    {
        var verdict = ChaosVerdict.Of([Start], Stored(Sound, SoundChild), ["instance/a timer"]);

        Assert.False(verdict.IsSound);
        Assert.Equal(["instance/a timer is left over"], verdict.Examples);
    }

    private static ChaosVerdict Judge(params StoredInstance[] instances) => ChaosVerdict.Of([Start], Stored(instances), leftOver: []);

    private static StoredOutcome Stored(params StoredInstance[] instances) => new(new Dictionary<(string, string), long> { [("a", "start")] = 1 }, instances);
}
