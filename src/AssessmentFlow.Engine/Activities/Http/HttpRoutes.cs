using System.Collections.Immutable;
using System.Text.Json;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Activities;

/// <summary>Keys by which HTTP endpoints are found.</summary>
public static class HttpRoutes
{
    /// <summary>Longest path below the base path (characters).</summary>
    public const int PathLengthMax = 150;

    /// <summary>Placeholders that a path may have (count): a request is looked for under each place where one may stand.</summary>
    public const int PlaceholdersMax = 2;

    /// <summary>Longest path with placeholders (parts between slashes).</summary>
    public const int PartsMax = 6;

    /// <summary>Methods that endpoints may take.</summary>
    public static readonly ImmutableArray<string> Methods = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"];

    /// <summary>Member of the answer of an instance that holds what an HTTP request is answered.</summary>
    public const string AnswerMember = "http";

    /// <summary>What a path may be, for authors.</summary>
    internal static readonly string PathForm =
        $"A path may have {PathLengthMax} printable characters without query; it may have {PlaceholdersMax} placeholders such as {{id}}, each a part of its own and not the first, and then {PartsMax} parts at most";

    /// <summary>What stands for a placeholder in a pattern, whatever its name.</summary>
    internal const string Placeholder = "{}";

    /// <summary>The key of an endpoint. Whether a key of the interface is needed is part of it: who has none cannot find those that need one.</summary>
    /// <param name="method">Method, in capital letters.</param>
    /// <param name="pattern">Path below the base path, in small letters and without slashes at its ends; <c>{}</c> for a placeholder.</param>
    /// <param name="isAuthorized">Whether a key of the interface is needed.</param>
    public static string KeyOf(string method, string pattern, bool isAuthorized) => $"http{(isAuthorized ? "" : "-open")} {method} /{pattern}";

    /// <summary>Method and pattern of a key.</summary>
    internal static (string Method, string Path) RouteOf(string key)
    {
        var parts = key.Split(' ', 3);
        return (parts[1], parts[2][1..]);
    }

    /// <summary>The patterns that take a path: first the path itself, then those with placeholders, the more exact ones before the others.</summary>
    /// <param name="path">Path below the base path.</param>
    public static IEnumerable<string> PatternsOf(string path)
    {
        var parts = path.Trim('/').ToLowerInvariant().Split('/');
        yield return string.Join('/', parts);
        if (parts.Length > PartsMax)
        {
            yield break;
        }

        // What is exact further in front counts more: it is the last part that stands for something first.
        for (var one = parts.Length - 1; one > 0; one--)
        {
            if (parts[one].Length > 0)
            {
                yield return With(parts, one, one);
            }
        }

        for (var one = parts.Length - 1; one > 1; one--)
        {
            for (var other = one - 1; other > 0; other--)
            {
                if (parts[one].Length > 0 && parts[other].Length > 0)
                {
                    yield return With(parts, one, other);
                }
            }
        }
    }

    private static string With(string[] parts, int one, int other) =>
        string.Join('/', parts.Select((part, position) => position == one || position == other ? Placeholder : part));
}

/// <summary>A path as its author wrote it, perhaps with placeholders such as <c>orders/{id}</c>.</summary>
internal sealed class HttpTemplate
{
    private readonly string[] _parts;

    private HttpTemplate(string[] parts) => _parts = parts;

    /// <summary>The path without slashes at its ends; in small letters but for the names of placeholders.</summary>
    public string Text => string.Join('/', _parts);

    /// <summary>The path with nothing but the places of placeholders.</summary>
    public string Pattern => string.Join('/', _parts.Select(static part => IsPlaceholder(part) ? HttpRoutes.Placeholder : part));

    /// <summary>Whether there are any.</summary>
    public bool HasPlaceholders => _parts.Any(IsPlaceholder);

    /// <summary>Reads a path.</summary>
    /// <returns>Null when nothing could be served under it.</returns>
    public static HttpTemplate? Read(string? path)
    {
        if (path?.Trim().Trim('/') is not { Length: > 0 and <= HttpRoutes.PathLengthMax } trimmed)
        {
            return null;
        }

        var parts = trimmed.Split('/').Select(static part => IsPlaceholder(part) ? part : part.ToLowerInvariant()).ToArray();
        var placeholders = parts.Where(IsPlaceholder).ToArray();
        return parts.All(static part => IsPlaceholder(part) || !part.Any(static letter => char.IsControl(letter) || letter is '{' or '}' or '?' or '#'))
            && (placeholders.Length is 0 || (!IsPlaceholder(parts[0]) && placeholders.Length <= HttpRoutes.PlaceholdersMax && parts.Length <= HttpRoutes.PartsMax))
            && placeholders.Distinct(StringComparer.OrdinalIgnoreCase).Count() == placeholders.Length
                ? new HttpTemplate(parts)
                : null;
    }

    /// <summary>What stands in a path for the placeholders, by name.</summary>
    public JsonElement ValuesIn(string path)
    {
        var parts = path.Trim('/').Split('/');
        return JsonValues.Object([.. _parts
            .Select((part, position) => (Part: part, Position: position))
            .Where(each => IsPlaceholder(each.Part) && each.Position < parts.Length)
            .Select(each => (each.Part[1..^1], JsonValues.Of(parts[each.Position])))]);
    }

    private static bool IsPlaceholder(string part) =>
        part.Length > 2 && part[0] is '{' && part[^1] is '}' && !char.IsAsciiDigit(part[1]) && part[1..^1].All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '_');
}
