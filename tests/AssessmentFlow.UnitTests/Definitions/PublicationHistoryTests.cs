using AssessmentFlow.Runtime.Definitions;

namespace AssessmentFlow.UnitTests.Definitions;

/// <summary>What a version keeps of its publications.</summary>
public sealed class PublicationHistoryTests
{
    private static readonly DateTimeOffset Start = new(2008, 5, 5, 9, 0, 0, TimeSpan.Zero);

    private static readonly WorkflowVersion Drawn = new() { Version = 1, Hash = "a0", Name = "Synthetic", CreatedAt = Start, CreatedBy = "designer" };

    [Fact]
    public void A_draft_was_never_published_and_taking_it_back_changes_nothing()
    {
        Assert.Empty(Drawn.Known());
        Assert.Same(Drawn, Drawn.Retract(Start, "secretariat"));
    }

    /// <summary>Servers before this one kept the last publication only.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_publication_that_a_server_before_kept_is_the_first_of_the_history(bool isPublished)
    {
        var kept = Drawn with { IsPublished = isPublished, Note = "first", PublishedAt = Start, PublishedBy = "secretariat" };

        var again = kept.Retract(Start.AddDays(1), "head").Publish("a1", Start.AddDays(2), "head", "second");

        Assert.Equal(
            [
                new WorkflowPublication(Start, "secretariat", "first", isPublished ? Start.AddDays(1) : null, isPublished ? "head" : null),
                new WorkflowPublication(Start.AddDays(2), "head", "second"),
            ],
            again.Known());
        Assert.Equal((true, "a1", "second", "head"), (again.IsPublished, again.Hash, again.Note, again.PublishedBy));
    }

    [Fact]
    public void Of_more_publications_than_are_kept_the_oldest_goes_first()
    {
        var version = Drawn;
        for (var i = 0; i <= WorkflowVersion.PublicationsMax; i++)
        {
            version = version.Publish("a0", Start.AddDays(i), "secretariat", $"note {i}").Retract(Start.AddDays(i), "secretariat");
        }

        Assert.Equal(WorkflowVersion.PublicationsMax, version.Known().Length);
        Assert.Equal(("note 1", $"note {WorkflowVersion.PublicationsMax}"), (version.Known()[0].Note, version.Known()[^1].Note));
    }
}
