using System.Text.Json;

namespace AssessmentFlow.Engine.Definitions;

/// <summary>A variable that a workflow or a container declares.</summary>
/// <param name="Id">Identity of the variable; bindings refer to it.</param>
/// <param name="Name">Name by which scripts reach it.</param>
/// <param name="TypeName">Elsa's type alias, such as <c>Int32</c> or <c>Object</c>.</param>
/// <param name="IsArray">Whether it holds a list of <paramref name="TypeName"/>.</param>
/// <param name="Default">Value at the start, already of its type.</param>
public sealed record VariableDefinition(string Id, string Name, string TypeName, bool IsArray, JsonElement Default);

/// <summary>An input or output that a workflow declares.</summary>
/// <param name="Name">Name by which callers and scripts reach it.</param>
/// <param name="TypeName">Elsa's type alias. Inputs are not converted to it, as in Elsa.</param>
/// <param name="IsArray">Whether it is a list of <paramref name="TypeName"/>.</param>
public sealed record ArgumentDefinition(string Name, string TypeName, bool IsArray);
