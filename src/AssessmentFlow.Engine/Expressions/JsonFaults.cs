using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace AssessmentFlow.Engine.Expressions;

/// <summary>One thing that keeps JSON from being read, said to whoever wrote it.</summary>
/// <param name="Pointer">JSON path of the place, such as <c>$.members[2].agency</c>.</param>
/// <param name="Message">What is wrong there and what was expected, with line and column.</param>
public sealed record JsonFault(string Pointer, string Message);

/// <summary>A converter that can say how the values it reads are written.</summary>
public interface ISaysForm
{
    /// <summary>The form, to follow the word "expected", such as <c>a date such as 2008-11-20</c>.</summary>
    string Form { get; }
}

/// <summary>
/// Finds what keeps JSON from being read as a type, all of it at once. The serializer stops at the first thing and
/// names the types of this program; whoever sent the JSON knows neither.
/// </summary>
public static class JsonFaults
{
    /// <summary>Faults told at once (count).</summary>
    public const int FaultsMax = 20;

    /// <summary>What is wrong with JSON that could not be read; never empty.</summary>
    /// <param name="json">UTF-8 JSON.</param>
    /// <param name="type">What it was to be; null for any JSON whose objects name each member once.</param>
    public static ImmutableArray<JsonFault> Find(ReadOnlyMemory<byte> json, JsonTypeInfo? type)
    {
        if (JsonPlaces.FindBreak(json.Span) is { } broken)
        {
            return [broken];
        }

        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = JsonPlaces.DepthMax });
        var search = new Search();
        if (type is null)
        {
            search.CheckNames(document.RootElement, JsonPlaces.Root);
        }
        else
        {
            search.Check(document.RootElement, type, JsonPlaces.Root);
        }

        if (search.Found.Count is 0)
        {
            search.Report(JsonPlaces.Root, "This cannot be read in the form that is expected here");
        }

        var places = JsonPlaces.Locate(json.Span, search.Found.Select(fault => fault.Pointer));
        return [.. search.Found.Select(fault => new JsonFault(JsonPlaces.Shortened(fault.Pointer), $"{fault.Message}{places.GetValueOrDefault(fault.Pointer)}."))];
    }

    private sealed class Search
    {
        public List<JsonFault> Found { get; } = [];

        private bool IsFull => Found.Count >= FaultsMax;

        public void Check(JsonElement value, JsonTypeInfo type, string path)
        {
            if (Nullable.GetUnderlyingType(type.Type) is { } underlying)
            {
                if (value.ValueKind is not JsonValueKind.Null)
                {
                    Check(value, type.Options.GetTypeInfo(underlying), path);
                }

                return;
            }

            switch (type.Kind)
            {
                case JsonTypeInfoKind.Object when value.ValueKind is JsonValueKind.Object:
                    CheckMembers(value, type, path);
                    break;
                case JsonTypeInfoKind.Dictionary when value.ValueKind is JsonValueKind.Object:
                    CheckEntries(value, type, path);
                    break;
                case JsonTypeInfoKind.Enumerable when value.ValueKind is JsonValueKind.Array:
                    CheckItems(value, type, path);
                    break;
                case not JsonTypeInfoKind.None:
                    if (value.ValueKind is not JsonValueKind.Null || type.Type.IsValueType)
                    {
                        ReportForm(value, type, path);
                    }

                    break;
                default:
                    CheckValue(value, type, path);
                    break;
            }
        }

        /// <summary>JSON of any form: each object names each member once.</summary>
        public void CheckNames(JsonElement value, string path)
        {
            var position = 0;
            foreach (var item in value.ValueKind is JsonValueKind.Array ? value.EnumerateArray() : default)
            {
                CheckNames(item, JsonPlaces.Item(path, position++));
            }

            var seen = new HashSet<string>(StringComparer.Ordinal);
            foreach (var member in value.ValueKind is JsonValueKind.Object ? value.EnumerateObject() : default)
            {
                if (!seen.Add(member.Name))
                {
                    Report(JsonPlaces.Member(path, member.Name), "This member stands here twice");
                }

                CheckNames(member.Value, JsonPlaces.Member(path, member.Name));
                if (IsFull)
                {
                    return;
                }
            }
        }

        public void Report(string path, string message)
        {
            if (!IsFull)
            {
                Found.Add(new JsonFault(path, message));
            }
        }

        private void CheckMembers(JsonElement value, JsonTypeInfo type, string path)
        {
            var known = type.Properties.Where(property => property.Set is not null || property.AssociatedParameter is not null).ToDictionary(property => property.Name, StringComparer.Ordinal);
            var seen = new HashSet<string>(StringComparer.Ordinal);
            foreach (var member in value.EnumerateObject())
            {
                var at = JsonPlaces.Member(path, member.Name);
                if (!seen.Add(member.Name))
                {
                    Report(at, "This member stands here twice");
                }
                else if (!known.TryGetValue(member.Name, out var property))
                {
                    Report(at, $"There is no such member here; there are {string.Join(", ", known.Keys)}");
                }
                else if (member.Value.ValueKind is not JsonValueKind.Null)
                {
                    Check(member.Value, type.Options.GetTypeInfo(property.PropertyType), at);
                }
                else if (!MayBeNull(property))
                {
                    Report(at, $"Expected {JsonForms.Of(type.Options.GetTypeInfo(property.PropertyType))} and found null");
                }

                if (IsFull)
                {
                    return;
                }
            }

            foreach (var missing in known.Values.Where(property => IsNeeded(property) && !seen.Contains(property.Name)))
            {
                Report(JsonPlaces.Member(path, missing.Name), $"The member '{missing.Name}' is missing: expected {JsonForms.Of(type.Options.GetTypeInfo(missing.PropertyType))}");
            }
        }

        private void CheckEntries(JsonElement value, JsonTypeInfo type, string path)
        {
            var seen = new HashSet<string>(StringComparer.Ordinal);
            foreach (var member in value.EnumerateObject())
            {
                var at = JsonPlaces.Member(path, member.Name);
                if (!seen.Add(member.Name))
                {
                    Report(at, "This member stands here twice");
                }

                Check(member.Value, type.Options.GetTypeInfo(type.ElementType!), at);
                if (IsFull)
                {
                    return;
                }
            }
        }

        private void CheckItems(JsonElement value, JsonTypeInfo type, string path)
        {
            var position = 0;
            foreach (var item in value.EnumerateArray())
            {
                Check(item, type.Options.GetTypeInfo(type.ElementType!), JsonPlaces.Item(path, position++));
                if (IsFull)
                {
                    return;
                }
            }
        }

        private void CheckValue(JsonElement value, JsonTypeInfo type, string path)
        {
            if (type.Type == typeof(JsonElement))
            {
                CheckNames(value, path);
                return;
            }

            try
            {
                _ = value.Deserialize(type);
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
            {
                ReportForm(value, type, path);
            }
        }

        private void ReportForm(JsonElement value, JsonTypeInfo type, string path) =>
            Report(path, $"Expected {JsonForms.Of(type)} and found {JsonForms.Found(value)}");

        private static bool MayBeNull(JsonPropertyInfo property) =>
            Nullable.GetUnderlyingType(property.PropertyType) is not null
            || (!property.PropertyType.IsValueType
                && (!property.Options.RespectNullableAnnotations || (property.IsSetNullable && property.AssociatedParameter is not { IsNullable: false })))
            || property.PropertyType == typeof(JsonElement);

        private static bool IsNeeded(JsonPropertyInfo property) =>
            property.IsRequired || (property.Options.RespectRequiredConstructorParameters && property.AssociatedParameter is { HasDefaultValue: false, IsMemberInitializer: false });
    }
}

/// <summary>Forms of values in words.</summary>
internal static class JsonForms
{
    private const int QuotedMax = 40;

    /// <summary>What is expected of a type.</summary>
    public static string Of(JsonTypeInfo type)
    {
        if (Nullable.GetUnderlyingType(type.Type) is { } underlying)
        {
            return Of(type.Options.GetTypeInfo(underlying));
        }

        var plain = type.Type;
        return type.Kind switch
        {
            _ when type.Converter is ISaysForm said => said.Form,
            JsonTypeInfoKind.Enumerable => "a list",
            JsonTypeInfoKind.Object or JsonTypeInfoKind.Dictionary => "an object",
            _ when plain.IsEnum => $"one of {string.Join(", ", Enum.GetNames(plain))}",
            _ when plain == typeof(string) => "a text",
            _ when plain == typeof(bool) => "true or false",
            _ when plain == typeof(int) => $"a whole number from {int.MinValue} to {int.MaxValue}",
            _ when plain == typeof(long) => "a whole number",
            _ when plain == typeof(double) || plain == typeof(decimal) => "a number",
            _ when plain == typeof(DateTimeOffset) => "an instant with its offset such as 2008-11-20T12:00:00Z",
            _ when plain == typeof(JsonElement) => "any JSON",
            _ => "a value in the form that the description of the interface gives",
        };
    }

    /// <summary>What was found instead.</summary>
    public static string Found(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String when value.GetString() is { Length: <= QuotedMax } text => $"the text '{text}'",
        JsonValueKind.String => "a text",
        JsonValueKind.Number when value.GetRawText() is { Length: <= QuotedMax } number => number,
        JsonValueKind.Number => "a number",
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => "null",
    };
}
