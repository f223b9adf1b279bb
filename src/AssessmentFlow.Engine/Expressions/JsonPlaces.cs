using System.Globalization;
using System.Text;
using System.Text.Json;

namespace AssessmentFlow.Engine.Expressions;

/// <summary>Lines and columns in JSON, and the paths that lead there.</summary>
internal static class JsonPlaces
{
    public const string Root = "$";

    /// <summary>Deepest nesting that is followed (JSON levels).</summary>
    public const int DepthMax = 1_000;

    private const int PointerLengthMax = 200;

    /// <summary>Tokens among which places are looked for (count): the work grows with the length of the paths.</summary>
    private const int TokensMax = 100_000;

    /// <summary>Where text stops being JSON; null when it is JSON.</summary>
    public static JsonFault? FindBreak(ReadOnlySpan<byte> json)
    {
        var walk = new Walk(json);
        try
        {
            while (walk.Read())
            {
            }

            return null;
        }
        catch (JsonException e)
        {
            var offset = Math.Min(json.Length, StartOfLine(json, e.LineNumber ?? 0) + (int)(e.BytePositionInLine ?? 0));
            var rest = json[offset..];
            var isCut = rest.Trim(" \t\r\n"u8).IsEmpty;
            var what = walk.Depth >= DepthMax ? $"This is nested deeper than {DepthMax} levels"
                : isCut ? "This is not JSON: it ends too early, something is not closed"
                : $"This is not JSON: {Shown(rest)} cannot stand here";
            return new JsonFault(Shortened(walk.Path), $"{what}{PlaceOf(json, offset)}.");
        }
    }

    /// <summary>Where the values that paths lead to begin, as <c> (line 1, column 17)</c>. A path that leads to nothing has no place.</summary>
    public static Dictionary<string, string> Locate(ReadOnlySpan<byte> json, IEnumerable<string> paths)
    {
        var wanted = paths.ToHashSet(StringComparer.Ordinal);
        var places = new Dictionary<string, string>(StringComparer.Ordinal);
        var walk = new Walk(json);
        for (var tokens = 0; tokens < TokensMax && walk.Read(); tokens++)
        {
            if (walk.IsValue && walk.Path is var path && wanted.Contains(path))
            {
                places[path] = PlaceOf(json, walk.Start); // The last of several: that is the one too many.
            }
        }

        return places;
    }

    /// <summary>The path to a member of an object.</summary>
    public static string Member(string path, string name) => $"{path}.{Shortened(name)}";

    /// <summary>The path to an item of a list.</summary>
    public static string Item(string path, int position) => string.Create(CultureInfo.InvariantCulture, $"{path}[{position}]");

    /// <summary>A path that fits into a message.</summary>
    public static string Shortened(string path) => path.Length <= PointerLengthMax ? path : path[..PointerLengthMax] + "…";

    private static int StartOfLine(ReadOnlySpan<byte> json, long line)
    {
        var start = 0;
        for (; line > 0 && json[start..].IndexOf((byte)'\n') is var end and >= 0; line--)
        {
            start += end + 1;
        }

        return start;
    }

    private static string PlaceOf(ReadOnlySpan<byte> json, int offset)
    {
        var before = json[..offset];
        var start = before.LastIndexOf((byte)'\n') + 1;
        return string.Create(CultureInfo.InvariantCulture, $" (line {before.Count((byte)'\n') + 1}, column {Encoding.UTF8.GetCharCount(before[start..]) + 1})");
    }

    private static string Shown(ReadOnlySpan<byte> text)
    {
        Rune.DecodeFromUtf8(text, out var rune, out _);
        return Rune.IsControl(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format or UnicodeCategory.Surrogate
            ? string.Create(CultureInfo.InvariantCulture, $"the character U+{rune.Value:X4}")
            : $"'{rune}'";
    }

    /// <summary>Reads token by token and knows the path to each.</summary>
    private ref struct Walk(ReadOnlySpan<byte> json)
    {
        private readonly List<Step> _steps = [];
        private Utf8JsonReader _reader = new(json, new JsonReaderOptions { MaxDepth = DepthMax });

        public readonly int Depth => _reader.CurrentDepth;

        public readonly int Start => (int)_reader.TokenStartIndex;

        public readonly bool IsValue => _reader.TokenType is not (JsonTokenType.PropertyName or JsonTokenType.EndArray or JsonTokenType.EndObject);

        public readonly string Path => _steps.Aggregate(Root, (path, step) => step.Name is { } name ? Member(path, name) : step.Position >= 0 ? Item(path, step.Position) : path);

        public bool Read()
        {
            if (!_reader.Read())
            {
                return false;
            }

            switch (_reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    _steps[^1] = new Step(Name(), Position: -1);
                    break;
                case JsonTokenType.EndArray or JsonTokenType.EndObject:
                    _steps.RemoveAt(_steps.Count - 1);
                    break;
                default:
                    if (_steps.Count > 0 && _steps[^1].Name is null)
                    {
                        _steps[^1] = new Step(Name: null, _steps[^1].Position + 1);
                    }

                    if (_reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
                    {
                        _steps.Add(new Step(Name: null, Position: -1));
                    }

                    break;
            }

            return true;
        }

        private string Name()
        {
            try
            {
                return _reader.GetString()!;
            }
            catch (InvalidOperationException)
            {
                return "…"; // Half a character: it has no name that could be told.
            }
        }
    }

    /// <summary>Where a walk stands in one container: at a named member, or at an item of a list.</summary>
    private readonly record struct Step(string? Name, int Position);
}
