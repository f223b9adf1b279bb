using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using NodaTime;
using NodaTime.Text;

namespace AssessmentFlow.Assessments.Tasks;

/// <summary>The rules of the data that completing a task carries.</summary>
internal static partial class TaskFieldRules
{
    /// <summary>A day has begun somewhere on earth this long before it begins at UTC: until then it lies in the future everywhere.</summary>
    private static readonly TimeSpan EarliestZone = TimeSpan.FromHours(14);

    /// <summary>How values of each type of field are written. An instant says its zone: a deadline must mean the same to everybody.</summary>
    private static readonly Dictionary<string, string> Forms = new(StringComparer.Ordinal)
    {
        ["text"] = "a text",
        ["date"] = "a date such as 2008-05-09",
        ["instant"] = "an instant with its offset such as 2008-05-09T12:00:00Z",
        ["number"] = "a number",
        ["boolean"] = "true or false",
        ["list"] = "a list",
    };

    /// <summary>Reads fields as an author writes them.</summary>
    /// <param name="texts">The fields.</param>
    /// <param name="fields">The fields read.</param>
    /// <param name="error">What is wrong with one of them.</param>
    public static bool TryRead(ImmutableArray<string> texts, out ImmutableArray<TaskField> fields, out string? error)
    {
        error = null;
        var read = ImmutableArray.CreateBuilder<TaskField>();
        foreach (var text in texts)
        {
            var match = Grammar().Match(text);
            if (match.Success && TaskField.Types.Contains(match.Groups["type"].Value, StringComparer.Ordinal))
            {
                read.Add(new TaskField(match.Groups["name"].Value, match.Groups["type"].Value, match.Groups["optional"].Success)
                {
                    NotBefore = match.Groups["other"] is { Success: true } other ? other.Value : null,
                    IsNotInFuture = match.Groups["past"].Success,
                });
            }
            else
            {
                error = $"'{text}' is no field. Write name:type, where the type is one of {string.Join(", ", TaskField.Types)}, with ? when it may be left out; "
                    + "a date may go on with \"not before other\", \"not in the future\", or both with \"and\" between them.";
            }
        }

        fields = read.ToImmutable();
        error ??= read.Where(field => !IsComparable(field, read))
            .Select(field => $"The field '{field.Name}' is compared, but not with a date: both fields must be of type date.")
            .FirstOrDefault();
        return error is null;
    }

    private static bool IsComparable(TaskField field, IEnumerable<TaskField> fields) => field.Type is "date"
        ? field.NotBefore is not { } other || fields.Any(each => each.Name == other && each.Type is "date")
        : field.NotBefore is null && !field.IsNotInFuture;

    /// <summary>Whether the data are what the fields ask for. A member that no field names is refused: a misspelt one must not be lost.</summary>
    /// <param name="fields">The fields of the task.</param>
    /// <param name="data">The data given.</param>
    /// <param name="areRequired">Whether fields may not be left out.</param>
    /// <param name="now">The moment of the completion.</param>
    public static Refusal? Check(ImmutableArray<TaskField> fields, JsonElement data, bool areRequired, DateTimeOffset now)
    {
        if (!data.IsNull() && data.ValueKind is not JsonValueKind.Object)
        {
            return Invalid("data-malformed", "The data of a task are a JSON object.", "data");
        }

        return CheckNames(fields, data)
            ?? fields.Select(field => CheckField(field, data, areRequired)).FirstOrDefault(refusal => refusal is not null)
            ?? fields.Select(field => CheckDate(field, data, now)).FirstOrDefault(refusal => refusal is not null);
    }

    private static Refusal? CheckNames(ImmutableArray<TaskField> fields, JsonElement data) => data.IsNull()
        ? null
        : data.EnumerateObject()
            .Where(member => !fields.Any(field => field.Name == member.Name))
            .Select(member => Invalid(
                "field-unknown",
                fields.IsEmpty
                    ? $"The task takes no data, and '{member.Name}' would be lost: leave it out."
                    : $"The task takes {string.Join(", ", fields.Select(field => field.Name))}; '{member.Name}' would be lost.",
                $"data.{member.Name}"))
            .FirstOrDefault();

    private static Refusal? CheckField(TaskField field, JsonElement data, bool isRequired)
    {
        var value = data.Member(field.Name);
        if (value.IsNull())
        {
            return field.IsOptional || !isRequired
                ? null
                : Invalid("field-missing", $"The data need a {field.Type} '{field.Name}'.", $"data.{field.Name}");
        }

        var isSound = field.Type switch
        {
            "text" => value.ValueKind is JsonValueKind.String,
            "date" => DateOf(value) is not null,
            "instant" => value.AsText() is { } instant && OffsetDateTimePattern.ExtendedIso.Parse(instant).Success,
            "number" => value.ValueKind is JsonValueKind.Number,
            "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            _ => value.ValueKind is JsonValueKind.Array,
        };
        return isSound ? null : Invalid("field-unreadable", $"'{field.Name}' must be {Forms[field.Type]}.", $"data.{field.Name}");
    }

    private static Refusal? CheckDate(TaskField field, JsonElement data, DateTimeOffset now)
    {
        if (field.Type is not "date" || DateOf(data.Member(field.Name)) is not { } date)
        {
            return null;
        }

        if (field.NotBefore is { } other && DateOf(data.Member(other)) is { } first && date < first)
        {
            return Invalid("field-order", $"'{field.Name}' ({date:uuuu-MM-dd}) lies before '{other}' ({first:uuuu-MM-dd}).", $"data.{field.Name}");
        }

        return field.IsNotInFuture && date > LocalDate.FromDateTime(now.UtcDateTime + EarliestZone)
            ? Invalid("date-in-future", $"'{field.Name}' is {date:uuuu-MM-dd}, a day that has not begun anywhere yet; say when it was once it was.", $"data.{field.Name}")
            : null;
    }

    private static LocalDate? DateOf(JsonElement value) => value.AsText() is { } text && LocalDatePattern.Iso.Parse(text) is { Success: true } parsed ? parsed.Value : null;

    private static Refusal Invalid(string code, string message, string path) => new(RefusalKind.Invalid, code, message, path);

    [GeneratedRegex(
        @"^(?<name>[^:?\s]+):(?<type>[a-z]+)(?<optional>\?)?( (not before (?<other>[^:?\s]+)|(?<past>not in the future))( and (?<past>not in the future))?)?$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Grammar();
}
