using System.Text;
using System.Text.Json;
using AssessmentFlow.Engine.Execution;
using Fluid;
using Fluid.Values;

namespace AssessmentFlow.Engine.Expressions;

/// <summary>
/// The filters that templates have: those of Liquid and the two that Elsa adds, each bounded. A count of steps says nothing
/// of what one filter makes: doubling a text thirty times takes sixty steps.
/// </summary>
internal static class LiquidFilters
{
    /// <summary>Filter over the end of each range, with its start; no author can write its name.</summary>
    public const string RangeEnd = "(range)";

    /// <summary>Filter over what is printed into a variable of the template: it costs steps by its length.</summary>
    public const string Captured = "(captured)";

    private const string StepsMax = "(steps)";
    private const string PassesMax = "(passes)";
    private const int CharactersPerStep = 64;

    /// <summary>Largest text or list that a filter takes or makes (characters, each item of a list counting one more).</summary>
    private const int SizeMax = 4 * EngineLimits.ValueSizeMaxBytes;

    /// <summary>Adds Elsa's filters and bounds them all.</summary>
    public static void Install(FilterCollection filters)
    {
        filters.AddFilter("base64", static (input, _, context) => Base64(input, context));
        filters.AddFilter("keys", static (input, _, _) => Keys(input));
        foreach (var (name, filter) in filters.ToArray())
        {
            filters.AddFilter(name, async (input, arguments, context) =>
            {
                var size = Math.Max(SizeOf(input, context), ForeseenSize(name, input, arguments, context));
                for (var i = 0; i < arguments.Count; i++)
                {
                    size = Math.Max(size, SizeOf(arguments.At(i), context));
                }

                var result = await filter(Checked(input, name, size), arguments, context);
                var made = SizeOf(result, context);
                Charge(size + made, context);
                return Checked(result, name, made);
            });
        }

        filters.AddFilter(RangeEnd, static (end, arguments, _) => end.ToNumberValue() - arguments.At(0).ToNumberValue() < EngineLimits.ScriptArraySizeMax
            ? end
            : throw new FluidException($"A range may have {EngineLimits.ScriptArraySizeMax} numbers."));
        filters.AddFilter(Captured, static (value, _, context) =>
        {
            Charge(SizeOf(value, context), context);
            return value;
        });
    }

    /// <summary>
    /// Bounds the steps of a template, and among them those that pass through its text. The package counts both as one:
    /// what filters cost is not counted as passes, or a large text that is filtered once would stop a template that captures.
    /// </summary>
    /// <param name="context">The run of the template.</param>
    /// <param name="stepsMax">Steps (count).</param>
    /// <param name="passesMax">Steps that are not those of filters (count).</param>
    public static void Bound(TemplateContext context, int stepsMax, int passesMax)
    {
        context.AmbientValues[StepsMax] = stepsMax;
        context.AmbientValues[PassesMax] = passesMax;
        context.MaxSteps = Math.Min(stepsMax, passesMax);
    }

    /// <summary>Steps that filters have cost in a template so far (count).</summary>
    public static int StepsOf(TemplateContext context) => context.AmbientValues.TryGetValue(Captured, out var steps) ? (int)steps : 0;

    /// <summary>Whatever a filter goes through costs steps, as what a template prints does.</summary>
    private static void Charge(long size, TemplateContext context)
    {
        var steps = (int)(size / CharactersPerStep);
        var all = StepsOf(context) + steps;
        context.AmbientValues[Captured] = all;
        context.MaxSteps = (int)Math.Min((int)context.AmbientValues[StepsMax], (long)(int)context.AmbientValues[PassesMax] + all);
        for (var i = 0; i < steps; i++)
        {
            context.IncrementSteps();
        }
    }

    private static FluidValue Base64(FluidValue input, TemplateContext context)
    {
        var text = input.Type switch
        {
            FluidValues.Nil => null,
            FluidValues.Boolean => input.ToBooleanValue() ? bool.TrueString : bool.FalseString,
            FluidValues.Array => Json(input, context).GetRawText(),
            _ => input.ToStringValue(),
        };
        return text is null ? NilValue.Instance : new StringValue(Convert.ToBase64String(Encoding.UTF8.GetBytes(text)));
    }

    private static ArrayValue Keys(FluidValue input) => input is LiquidObject { Value: LiquidMembers members }
        ? new([.. members.Keys.Select(name => new StringValue(name))])
        : throw new FluidException("The filter 'keys' only works on objects.");

    private static JsonElement Json(FluidValue value, TemplateContext context) => value.Type switch
    {
        FluidValues.Array => JsonValues.Array(value.Enumerate(context).Select(item => Json(item, context))),
        FluidValues.Boolean => JsonValues.Of(value.ToBooleanValue()),
        FluidValues.Number => JsonValues.Of(value.ToNumberValue()),
        FluidValues.Dictionary => JsonElement.Parse(value.ToStringValue()),
        FluidValues.Nil => JsonValues.Null,
        _ => JsonValues.Of(value.ToStringValue()),
    };

    private static FluidValue Checked(FluidValue value, string filter, long size) => size <= SizeMax
        ? value
        : throw new FluidException($"The filter '{filter}' takes and makes {SizeMax} characters at most; here it would be {size}.");

    private static long SizeOf(FluidValue value, TemplateContext context) => value switch
    {
        StringValue text => text.ToStringValue().Length,
        ArrayValue list => list.Enumerate(context).Sum(item => 1 + SizeOf(item, context)),
        _ => 0,
    };

    /// <summary>What the filters that multiply would make, before they make it.</summary>
    private static long ForeseenSize(string filter, FluidValue input, FilterArguments arguments, TemplateContext context) => filter switch
    {
        "replace" => Replaced(input.ToStringValue(), arguments.At(0).ToStringValue(), arguments.At(1).ToStringValue()),
        "join" => SizeOf(input, context) + ((long)input.Enumerate(context).Count() * arguments.At(0).ToStringValue().Length),
        "format_string" or "format_number" or "format_date" or "date" => Widths(input) + Enumerable.Range(0, arguments.Count).Sum(i => Widths(arguments.At(i))),
        _ => 0,
    };

    private static long Replaced(string text, string old, string replacement)
    {
        long count = old.Length is 0 ? text.Length + 1 : 0;
        for (var at = old.Length is 0 ? -1 : text.IndexOf(old, StringComparison.Ordinal); at >= 0; at = text.IndexOf(old, at + old.Length, StringComparison.Ordinal))
        {
            count++;
        }

        return text.Length + (count * replacement.Length);
    }

    /// <summary>The sum of the numbers in a format: each may be a width or a precision, and asks for as many characters.</summary>
    private static long Widths(FluidValue format)
    {
        if (format is not StringValue text)
        {
            return 0;
        }

        long sum = 0;
        long number = 0;
        foreach (var letter in text.ToStringValue())
        {
            number = char.IsAsciiDigit(letter) ? Math.Min(int.MaxValue, (number * 10) + (letter - '0')) : 0;
            sum += number;
        }

        return sum;
    }
}
