using System.Text;

namespace AssessmentFlow.UnitTests.Architecture;

public sealed class TextTests
{
    private const int LinesMax = 300;

    private static readonly byte[] Zero = [0];

    [Fact]
    public void A_source_file_can_be_read_in_one_go() => Assert.Empty(
        SourceFiles.Under("src")
            .Select(file => (Path: Path.GetRelativePath(Repository.Root, file), Lines: File.ReadLines(file).Count()))
            .Where(file => file.Lines > LinesMax)
            .Select(file => $"{file.Path}: {file.Lines} lines"));

    [Fact]
    public void No_file_names_a_place_that_exists_on_one_machine_only()
    {
        // This checkout, and the homes of people.
        string[] places = [Repository.Root + Path.DirectorySeparatorChar, "/home" + "/", "/root" + "/", "/Users" + "/", @"C:" + @"\Users"];

        Assert.Empty(
            from file in SourceFiles.In(Repository.Root)
            let bytes = File.ReadAllBytes(file)
            where bytes.AsSpan().IndexOf(Zero) < 0
            let text = Encoding.UTF8.GetString(bytes)
            from place in places
            where text.Contains(place, StringComparison.Ordinal)
            select $"{Path.GetRelativePath(Repository.Root, file)} names {place}");
    }
}
