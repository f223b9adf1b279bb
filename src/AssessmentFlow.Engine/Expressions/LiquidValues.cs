using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Fluid;
using Fluid.Values;

namespace AssessmentFlow.Engine.Expressions;

/// <summary>The border between JSON values and the values of templates.</summary>
internal static class LiquidValues
{
    /// <summary>A template's view of a JSON value. Instants become dates when the type says so.</summary>
    public static FluidValue Of(JsonElement value, string? typeName = null) => value.ValueKind switch
    {
        JsonValueKind.String => typeName is "DateTime" or "DateTimeOffset" && ValueConversion.TryGetInstant(value, out var instant)
            ? new DateTimeValue(instant)
            : new StringValue(value.GetString()!),
        JsonValueKind.Number => NumberValue.Create(value.TryGetDecimal(out var number) ? number : (decimal)value.GetDouble()),
        JsonValueKind.True => BooleanValue.True,
        JsonValueKind.False => BooleanValue.False,
        JsonValueKind.Array => new ArrayValue([.. value.EnumerateArray().Select(item => Of(item))]),
        JsonValueKind.Object => new LiquidObject(new LiquidMembers(
            () => value.EnumerateObject().Select(member => member.Name),
            name => value.TryGetProperty(name, out var member) ? Of(member) : null,
            () => value)),
        _ => NilValue.Instance,
    };
}

/// <summary>Something with members that are read on demand.</summary>
/// <param name="names">Names of the members.</param>
/// <param name="read">The member of a name; null when there is none.</param>
/// <param name="whole">All of it as JSON.</param>
internal sealed class LiquidMembers(Func<IEnumerable<string>> names, Func<string, FluidValue?> read, Func<JsonElement> whole) : IFluidIndexable
{
    public int Count => names().Count();

    public IEnumerable<string> Keys => names();

    public bool TryGetValue(string name, [NotNullWhen(true)] out FluidValue? value) => (value = read(name)) is not null;

    /// <summary>The member of a name, else what Liquid knows of every object: how many members it has, and the first.</summary>
    public FluidValue Read(string name) => read(name) ?? (name, names().FirstOrDefault()) switch
    {
        ("size", _) => NumberValue.Create(Count),
        ("first", { } first) => Pair(first),
        _ => NilValue.Instance,
    };

    /// <summary>Name and value of a member, as a loop over the object shows it.</summary>
    public ArrayValue Pair(string name) => new([new StringValue(name), read(name) ?? NilValue.Instance]);

    public override string ToString() => whole().GetRawText();
}

/// <summary>An object in a template. Printed as a whole it is its JSON; a loop goes through names and values.</summary>
internal sealed class LiquidObject(LiquidMembers members) : ObjectValueBase(members)
{
    public override FluidValues Type => FluidValues.Dictionary;

    public override IEnumerable<FluidValue> Enumerate(TemplateContext context) => members.Keys.Select(members.Pair);
}
