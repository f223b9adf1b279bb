using System.Globalization;
using System.Text;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Runtime.Entities;
using AssessmentFlow.Runtime.Turns;

namespace AssessmentFlow.Storage;

/// <summary>The SELECT behind a page of a list. Both databases understand it; only values are bound, by name.</summary>
internal static class ViewSql
{
    public const string Columns = "id, scope, a, b, c, d, at, version, body";

    private const string ChangedAt = "(SELECT changed_at FROM entity WHERE entity.entity_id = view_row.entity_id)";

    public static (string Sql, List<(string Name, object Value)> Parameters) Build(ViewQuery query)
    {
        var parameters = new List<(string, object)> { ("@view", query.View), ("@max", query.Max) };
        var sql = new StringBuilder($"SELECT {Columns}{(query.TellsChanges ? ", " + ChangedAt : "")} FROM view_row WHERE view = @view");
        if (query.Scope is { } scope)
        {
            sql.Append(" AND scope = @scope");
            parameters.Add(("@scope", scope));
        }

        AppendIn(sql, parameters, "a", query.A);
        AppendIn(sql, parameters, "b", query.B);
        AppendIn(sql, parameters, "c", query.C);
        if (query.AOrD is { } roles)
        {
            var names = Bind(parameters, "r", roles);
            sql.Append(CultureInfo.InvariantCulture, $" AND (a IN ({names}) OR d IN ({names}))");
        }

        if (query.COrNone is { } marks)
        {
            sql.Append(CultureInfo.InvariantCulture, $" AND (c IS NULL OR c IN ({Bind(parameters, "m", marks)}))");
        }

        if (query.BNone)
        {
            sql.Append(" AND b IS NULL");
        }

        var (order, compare) = query.IsDescending ? ("DESC", "<") : ("ASC", ">");
        if (query.After is { } after)
        {
            sql.Append(CultureInfo.InvariantCulture, $" AND (at, id) {compare} (@at, @id)");
            parameters.Add(("@at", after.At));
            parameters.Add(("@id", after.Id));
        }

        sql.Append(CultureInfo.InvariantCulture, $" ORDER BY at {order}, id {order} LIMIT @max");
        return (sql.ToString(), parameters);
    }

    /// <summary>The SELECT behind the question whether an instance is running. Constants of the index are written out, so that the index is used.</summary>
    public static (string Sql, List<(string Name, object Value)> Parameters) BuildRunning(string? definitionId, string? correlationId)
    {
        var parameters = new List<(string, object)>();
        var sql = new StringBuilder($"SELECT id FROM view_row WHERE view = '{Views.Instances}' AND b = '{nameof(InstanceStatus.Running)}'");
        if (definitionId is not null)
        {
            sql.Append(" AND a = @a");
            parameters.Add(("@a", definitionId));
        }

        if (correlationId is not null)
        {
            sql.Append(" AND scope = @scope");
            parameters.Add(("@scope", correlationId));
        }

        return (sql.Append(" LIMIT 1").ToString(), parameters);
    }

    private static void AppendIn(StringBuilder sql, List<(string, object)> parameters, string column, IReadOnlyList<string> values)
    {
        if (values.Count > 0)
        {
            sql.Append(CultureInfo.InvariantCulture, $" AND {column} IN ({Bind(parameters, column, values)})");
        }
    }

    /// <summary>Binds values and names them; an empty list matches nothing.</summary>
    private static string Bind(List<(string, object)> parameters, string prefix, IReadOnlyList<string> values)
    {
        if (values.Count is 0)
        {
            return "NULL";
        }

        var names = values.Select((_, index) => string.Create(CultureInfo.InvariantCulture, $"@{prefix}{index}")).ToArray();
        for (var i = 0; i < names.Length; i++)
        {
            parameters.Add((names[i], values[i]));
        }

        return string.Join(", ", names);
    }
}
