using System.Collections.Immutable;
using System.Reflection;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Runtime.Definitions;
using AssessmentFlow.Runtime.Entities;
using AssessmentFlow.Runtime.Reference;
using AssessmentFlow.Runtime.Turns;
using Orleans.Serialization.Invocation;

namespace AssessmentFlow.UnitTests.Wire;

/// <summary>
/// One value of everything that servers of a cluster send each other. What there is, is found in the assembly; only the
/// values of our own types are written here.
/// </summary>
internal static class WireSamples
{
    private static readonly Assembly Runtime = typeof(IEntityGrain).Assembly;
    private static readonly DateTimeOffset Then = new(2008, 5, 12, 9, 30, 15, TimeSpan.FromHours(2));

    private static readonly WorkflowPublication Publication = new(Then, "secretariat", "The first note", Then.AddMinutes(30), "head");

    private static readonly WorkflowVersion Version = new()
    {
        Version = 3,
        Hash = "5f70bf18",
        Name = "Visit",
        CreatedAt = Then,
        CreatedBy = "secretariat",
        ChangedAt = Then.AddMinutes(1),
        ChangedBy = "designer",
        IsPublished = true,
        Note = "A note",
        PublishedAt = Then.AddHours(1),
        PublishedBy = "head",
        Publications = [Publication, new WorkflowPublication(Then.AddHours(1), "head", "A note")],
    };

    private static readonly WorkflowEntry Entry = new("visit", 7, [Version, new WorkflowVersion { Version = 4, Hash = "a0", Name = "Draft", CreatedAt = Then, CreatedBy = "secretariat" }]);

    private static readonly ReferenceEntry Reference = new(2, """{"name":"Agency"}""", Then, "secretariat");

    private static readonly TurnAnswer Answer = new()
    {
        Outcome = TurnOutcome.Refused,
        Version = 12,
        Body = [1, 2, 3],
        RefusalKind = RefusalKind.Forbidden,
        RefusalCode = "not-yours",
        RefusalMessage = "It is somebody else's.",
        RefusalPath = "/seat",
    };

    /// <summary>Values of our own types: first one with all that it can hold, then others that are written in another way.</summary>
    private static readonly ImmutableArray<object> Written =
    [
        new EntityId("review", "KH-2008-05:agency"),
        new Envelope
        {
            InputId = "input-1",
            Input = [123, 125],
            Actor = "secretariat",
            IfVersion = 11,
            Fingerprint = [9, 8, 7],
            OriginInstance = "instance-1",
            OriginBookmark = 5,
            NotBefore = Then,
            BeginsEntity = true,
            Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        },
        new Envelope { InputId = "input-2", Input = [] },
        Answer,
        .. Enum.GetValues<TurnOutcome>().Select(outcome => new TurnAnswer { Outcome = outcome }),
        .. Enum.GetValues<RefusalKind>().Select(kind => Answer with { RefusalKind = kind }),
        Publication,
        Version,
        Entry,
        new CatalogueChange(CatalogueOutcome.Stale, Entry),
        .. Enum.GetValues<CatalogueOutcome>().Select(outcome => new CatalogueChange(outcome, Entry: null)),
        Reference,
        new ReferenceSet(9, ImmutableSortedDictionary<string, ReferenceEntry>.Empty.WithComparers(StringComparer.Ordinal).Add("a", Reference).Add("b", Reference with { Version = 1 })),
        ReferenceSet.Empty,
        new ReferencePut(IsStale: true, 4, IsKeyReused: true),
    ];

    /// <summary>Types that are made to be sent.</summary>
    public static IEnumerable<Type> Types => Runtime.GetTypes().Where(type => type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false) && !typeof(IInvokable).IsAssignableFrom(type));

    /// <summary>Values of a type.</summary>
    public static IEnumerable<object> Of(Type type) => Written.Where(value => value.GetType() == type);

    /// <summary>Everything, under a name.</summary>
    public static IEnumerable<(string Name, object Value)> All() =>
    [
        .. Types.OrderBy(type => type.Name, StringComparer.Ordinal).SelectMany(type => Of(type).Select((value, position) => ($"{type.Name} {position}", value))),
        .. Calls().OrderBy(call => call.Name, StringComparer.Ordinal),
        .. Answers().OrderBy(answer => answer.Name, StringComparer.Ordinal),
        .. Failures().OrderBy(failure => failure.Name, StringComparer.Ordinal),
    ];

    /// <summary>A call of every method of every grain: the class is generated, and its name is how the other side knows what is called.</summary>
    private static IEnumerable<(string Name, object Value)> Calls() => Runtime.GetTypes()
        .Where(type => typeof(IInvokable).IsAssignableFrom(type) && !type.IsAbstract)
        .Select(type =>
        {
            var call = (IInvokable)Activator.CreateInstance(type)!;
            foreach (var (position, parameter) in call.GetMethod().GetParameters().Index())
            {
                call.SetArgument(position, Argument(parameter.ParameterType, position));
            }

            return ($"call {call.GetInterfaceType().Name}.{call.GetMethod().Name}", (object)call);
        });

    /// <summary>What calls are answered with: a value, null where that can be, and that it is done.</summary>
    private static IEnumerable<(string Name, object Value)> Answers()
    {
        yield return ("answer", Response.Completed);
        var results = Runtime.GetTypes()
            .Where(type => type.IsInterface && typeof(IGrainWithStringKey).IsAssignableFrom(type))
            .SelectMany(type => type.GetMethods())
            .Select(method => method.ReturnType)
            .Where(type => type.IsGenericType)
            .Select(type => type.GetGenericArguments()[0])
            .Distinct();
        foreach (var type in results)
        {
            yield return ($"answer {Name(type)}", Answered(type, Argument(type, position: 0)));
            if (!type.IsValueType)
            {
                yield return ($"answer {Name(type)} null", Answered(type, value: null));
            }
        }
    }

    /// <summary>Our own failures that reach a caller on another server, who tells them apart by their types.</summary>
    private static IEnumerable<(string Name, object Value)> Failures() => Runtime.GetExportedTypes()
        .Where(type => typeof(Exception).IsAssignableFrom(type))
        .Select(type => ($"failure {type.Name}", (object)Response.FromException((Exception)(type.GetConstructor([typeof(string)]) is null
            ? Activator.CreateInstance(type, "What happened.", null)!
            : Activator.CreateInstance(type, "What happened.")!))));

    private static object Answered(Type type, object? value) => typeof(Response).GetMethod(nameof(Response.FromResult))!.MakeGenericMethod(type).Invoke(null, [value])!;

    /// <summary>A value that differs from those at other positions, so that two that change places are seen.</summary>
    private static object Argument(Type type, int position) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        var text when text == typeof(string) => FormattableString.Invariant($"text {position}"),
        var flag when flag == typeof(bool) => true,
        var number when number == typeof(int) => 10 + position,
        var number when number == typeof(long) => 100L + position,
        var bytes when bytes == typeof(byte[]) => (byte[])[1, 2, (byte)position],
        var texts when texts == typeof(ImmutableArray<string>) => ImmutableArray.Create("a", "b"),
        var texts when texts == typeof(ImmutableSortedDictionary<string, string>) => ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).Add("a", "1").Add("b", "2"),
        var own => Of(own).FirstOrDefault() ?? throw new InvalidOperationException($"{own} is sent between servers: write a value of it into {nameof(WireSamples)}."),
    };

    private static string Name(Type type) => type.IsGenericType ? $"{type.Name.Split('`')[0]} of {string.Join(", ", type.GetGenericArguments().Select(Name))}" : type.Name;
}
