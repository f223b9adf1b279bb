namespace AssessmentFlow.Engine.Definitions;

/// <summary>What Elsa knows and this engine refuses, with the reason.</summary>
internal static class RefusedTypes
{
    private const string OnlyJavaScript =
        "Scripts in C# and Python run with the rights of the server and cannot be bounded or replayed; write the script in JavaScript (Elsa.RunJavaScript).";

    /// <summary>Why an activity type is not there.</summary>
    public static string WhyUnknown(string? typeName) => typeName switch
    {
        null or "" => "An activity needs a \"type\".",
        "Elsa.RunCSharp" or "Elsa.RunPython" => OnlyJavaScript,
        "Elsa.ReadLine" => "A server has no console to read from; let the workflow wait for an event (Elsa.Event) or a task (Elsa.RunTask).",
        _ => $"There is no activity type '{typeName}' here, and no published workflow that may be used as an activity under that name.",
    };

    /// <summary>Why an expression type is not there.</summary>
    public static string WhyUnknownExpression(string? type, string known) => type switch
    {
        "CSharp" or "C#" or "Python" =>
            $"{type} expressions run with the rights of the server and cannot be bounded or replayed; use JavaScript or Liquid.",
        _ => $"The expression type '{type}' is not supported; use one of {known}.",
    };
}
