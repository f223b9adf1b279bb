using AssessmentFlow.Runtime.Definitions;
using Microsoft.Extensions.Options;
using Orleans.Serialization;
using Orleans.Storage;

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

    [Theory]
    [InlineData("", 0)]
    [InlineData(""","IsPublished":true,"PublishedAt":"2008-05-05T09:00:00+00:00","PublishedBy":"secretariat" """, 1)]
    public void What_a_server_before_stored_is_read_and_its_publication_known(string publication, int count)
    {
        var stored = $$"""{"Version":1,"Hash":"a0","Name":"Synthetic","CreatedAt":"2008-05-05T09:00:00+00:00","CreatedBy":"designer"{{publication}}}""";
        var serializer = new SystemTextJsonGrainStorageSerializer(Options.Create(new SystemTextJsonGrainStorageSerializerOptions()));

        var version = serializer.Deserialize<WorkflowVersion>(BinaryData.FromString(stored))!;

        Assert.Equal(Enumerable.Repeat(new WorkflowPublication(Start, "secretariat", null), count), version.Known());
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
