using System.Globalization;
using System.Reflection;

namespace AssessmentFlow.UnitTests.Wire;

/// <summary>What servers of one build send each other, those of another read: during an upgrade both are in the cluster.</summary>
public sealed class WireTests
{
    private const string RecordVariable = "ASSESSMENTFLOW_RECORD_WIRE";

    private static readonly string Folder = Repository.PathOf("tests", "AssessmentFlow.UnitTests", "Wire");

    private static string Newest => Directory.EnumerateFiles(Folder, "v*.json").MaxBy(file => int.Parse(Path.GetFileNameWithoutExtension(file)[1..], CultureInfo.InvariantCulture))!;

    public static TheoryData<string> Files() => [.. Directory.EnumerateFiles(Folder, "v*.json").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    /// <summary>A value may have got more members since. What it was sent with, it has still.</summary>
    [Theory]
    [MemberData(nameof(Files))]
    public void What_a_build_sent_is_read_as_it_was_meant(string file)
    {
        using var wire = new WireFormat();

        Assert.All(WireRecording.Read(Path.Combine(Folder, file)), sent =>
        {
            var read = wire.Read(sent.Bytes);
            Assert.True(WireRecording.Holds(read, sent.Value), $"{sent.Name} was sent as {sent.Value?.ToJsonString()} and is read as {read?.ToJsonString()}.");
        });
    }

    /// <summary>
    /// To the byte: what is only read the same here might be a field that the build before does not know. Also the way to record: with the
    /// variable set to the name of a recording, such as <c>v2</c>, it is written instead.
    /// </summary>
    [Fact]
    public void The_newest_recording_is_what_servers_send_today()
    {
        using var wire = new WireFormat();
        var record = Environment.GetEnvironmentVariable(RecordVariable);
        var sent = WireSamples.All().Select(sample => wire.Write(sample.Name, sample.Value)).ToList();
        if (record is not null)
        {
            WireRecording.Write(Path.Combine(Folder, record + ".json"), sent);
        }

        var recorded = WireRecording.Read(Newest).ToDictionary(message => message.Name, message => Convert.ToHexString(message.Bytes), StringComparer.Ordinal);
        var other = sent.Where(message => recorded.GetValueOrDefault(message.Name) != Convert.ToHexString(message.Bytes)).Select(message => message.Name)
            .Concat(recorded.Keys.Except(sent.Select(message => message.Name)));
        Assert.True(
            !other.Any(),
            $"Servers send something else than {Path.GetFileName(Newest)} holds: {string.Join("; ", other)}. If that is meant, and the build before can read it, record it: {RecordVariable}=v<n> (docs/testing.md).");
    }

    [Fact]
    public void Every_type_that_is_sent_has_a_sample_with_all_its_members_and_all_values_of_its_enumerations()
    {
        Assert.NotEmpty(WireSamples.Types);
        Assert.All(WireSamples.Types, type =>
        {
            var samples = WireSamples.Of(type).ToList();
            Assert.NotEmpty(samples);
            Assert.All(type.GetProperties().Where(property => property.IsDefined(typeof(IdAttribute))), property =>
            {
                var none = property.PropertyType.IsValueType ? Activator.CreateInstance(property.PropertyType) : null;
                Assert.False(Equals(none, property.GetValue(samples[0])), $"The first sample of {type.Name} has no {property.Name}.");
                if (property.PropertyType.IsEnum)
                {
                    Assert.Subset(samples.Select(property.GetValue).ToHashSet(), Enum.GetValues(property.PropertyType).Cast<object?>().ToHashSet());
                }
            });
        });
    }
}
