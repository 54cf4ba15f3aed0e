using System.Collections;
using System.Collections.Immutable;
using System.Reflection;
using TradeActors.Domain.Common;

namespace TradeActors.Entities.Tests;

/// <summary>
/// A value of any stored type with every member set, optional ones too, so that a golden file shows the whole shape. The same type always gives the
/// same value: numbers count up within one value, texts are named for their member.
/// </summary>
internal sealed class Sample
{
    private static readonly DateTimeOffset Start = new(2026, 8, 20, 14, 0, 0, 123, TimeSpan.Zero);

    private int _number;

    public static object Of(Type type) => new Sample().Make(type, "value");

    private object Make(Type type, string name)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type switch
        {
            _ when type == typeof(string) => name,
            _ when type == typeof(bool) => true,
            _ when type == typeof(int) => ++_number,
            _ when type == typeof(long) => (long)++_number,
            _ when type == typeof(ulong) => ulong.MaxValue - (ulong)++_number,
            _ when type == typeof(double) => ++_number / 8.0,
            _ when type == typeof(decimal) => ++_number + 0.25m,
            _ when type == typeof(DateTimeOffset) => Start.AddSeconds(++_number),
            _ when type == typeof(TimeSpan) => TimeSpan.FromMilliseconds(1_500 * ++_number),
            _ when type == typeof(EntityId) => new EntityId("acme", EntityKind.Account, $"acc-{++_number}"),
            { IsEnum: true } => Enum.GetValues(type).Cast<object>().Last(),
            { IsGenericType: true } when type.Namespace == typeof(ImmutableArray).Namespace => Collection(type, name),
            _ => Record(type),
        };
    }

    private object Collection(Type type, string name)
    {
        var definition = type.GetGenericTypeDefinition();
        var arguments = type.GetGenericArguments();
        if (definition == typeof(ImmutableSortedDictionary<,>))
        {
            var empty = type.GetField("Empty")!.GetValue(null)!;
            var key = arguments[0] == typeof(string) ? (object)$"{name}Key" : 7L;
            return type.GetMethod("Add")!.Invoke(empty, [key, Make(arguments[1], name)])!;
        }

        var builder = definition == typeof(ImmutableArray<>) ? typeof(ImmutableArray)
            : definition == typeof(ImmutableList<>) ? typeof(ImmutableList)
            : definition == typeof(ImmutableSortedSet<>) ? typeof(ImmutableSortedSet)
            : throw new NotSupportedException($"Sample does not know {type}: teach it.");
        var items = Array.CreateInstance(arguments[0], 1);
        ((IList)items)[0] = Make(arguments[0], name);
        return builder.GetMethods()
            .Single(method => method.Name == "Create" && method.GetParameters() is [{ ParameterType.IsArray: true }])
            .MakeGenericMethod(arguments[0])
            .Invoke(null, [items])!;
    }

    private object Record(Type type)
    {
        var constructor = type.GetConstructors().MaxBy(candidate => candidate.GetParameters().Length)
            ?? throw new NotSupportedException($"Sample cannot make a {type}: teach it.");
        var parameters = constructor.GetParameters();
        var value = constructor.Invoke([.. parameters.Select(parameter => Make(parameter.ParameterType, Camel(parameter.Name!)))]);
        var others = type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.CanWrite && parameters.All(parameter => !parameter.Name!.Equals(property.Name, StringComparison.OrdinalIgnoreCase)));
        foreach (var property in others)
        {
            property.SetValue(value, Make(property.PropertyType, Camel(property.Name)));
        }

        return value;
    }

    private static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
