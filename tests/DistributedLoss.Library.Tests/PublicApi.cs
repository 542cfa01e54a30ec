using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace DistributedLoss.Library.Tests;

/// <summary>What users of the library may build on, as text: some types, and all of ours that their public members lead to.</summary>
internal static class PublicApi
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>A line a type and a line a member, both in ordinal order, so that a difference is a line of a diff.</summary>
    public static string Print(IEnumerable<Type> roots)
    {
        var text = new StringBuilder();
        foreach (var type in Reach(roots).OrderBy(t => t.FullName, StringComparer.Ordinal))
        {
            text.Append(Describe(type)).Append('\n');
            foreach (string member in Members(type).Select(Describe).Order(StringComparer.Ordinal))
            {
                text.Append("    ").Append(member).Append('\n');
            }
        }

        return text.ToString();
    }

    public static IReadOnlyCollection<Type> Reach(IEnumerable<Type> roots)
    {
        var reached = new HashSet<Type>();
        var waiting = new Stack<Type>(roots);
        while (waiting.TryPop(out var type))
        {
            if (type.HasElementType)
            {
                waiting.Push(type.GetElementType()!);
                continue;
            }

            foreach (var argument in type.GetGenericArguments())
            {
                waiting.Push(argument);
            }

            if (type.IsGenericParameter || type.Namespace?.StartsWith(nameof(DistributedLoss), StringComparison.Ordinal) != true || !reached.Add(type))
            {
                continue;
            }

            foreach (var next in Members(type).SelectMany(Mentioned).Concat(type.GetNestedTypes()).Append(type.BaseType).OfType<Type>())
            {
                waiting.Push(next);
            }
        }

        return reached;
    }

    // What the compiler adds to a record says nothing that the record does not; an accessor is its property's.
    private static IEnumerable<MemberInfo> Members(Type type) => type.GetMembers(Declared).Where(m =>
        m is not Type
        && m is not MethodInfo { IsSpecialName: true }
        && !m.IsDefined(typeof(CompilerGeneratedAttribute))
        && m is not FieldInfo { IsSpecialName: true }
        && !(type.IsEnum && m is MethodInfo));

    private static IEnumerable<Type> Mentioned(MemberInfo member) => member switch
    {
        PropertyInfo p => [p.PropertyType],
        FieldInfo f => [f.FieldType],
        EventInfo e => [e.EventHandlerType!],
        MethodInfo m => m.GetParameters().Select(p => p.ParameterType).Append(m.ReturnType),
        ConstructorInfo c => c.GetParameters().Select(p => p.ParameterType),
        _ => [],
    };

    private static string Describe(Type type)
    {
        string kind = type switch
        {
            { IsEnum: true } => "enum",
            { IsInterface: true } => "interface",
            { IsValueType: true } => "struct",
            { IsAbstract: true, IsSealed: true } => "static class",
            { IsAbstract: true } => "abstract class",
            { IsSealed: true } => "sealed class",
            _ => "class",
        };
        return type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType) && !type.IsEnum
            ? $"{kind} {type.FullName} : {Name(parent)}"
            : $"{kind} {type.FullName}";
    }

    private static string Describe(MemberInfo member) => member switch
    {
        PropertyInfo p => $"{Static(p.GetMethod!)}{Name(p.PropertyType, p)} {p.Name} {{ get;{(p.SetMethod is { IsPublic: true } ? IsInit(p) ? " init;" : " set;" : "")} }}",
        FieldInfo { DeclaringType.IsEnum: true } f => $"{f.Name} = {Convert.ToInt64(f.GetRawConstantValue())}",
        FieldInfo f => $"{(f.IsLiteral ? "const " : f.IsStatic ? "static " : "")}{Name(f.FieldType, f)} {f.Name}{(f.IsLiteral ? $" = {f.GetRawConstantValue()}" : "")}",
        MethodInfo m => $"{Static(m)}{Name(m.ReturnType, m.ReturnParameter)} {m.Name}({Parameters(m)})",
        ConstructorInfo c => $"{c.DeclaringType!.Name}({Parameters(c)})",
        _ => member.ToString()!,
    };

    private static string Static(MethodInfo method) => method.IsStatic ? "static " : method is { IsAbstract: true } ? "abstract " : "";

    private static bool IsInit(PropertyInfo property) =>
        property.SetMethod!.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(p =>
        $"{Name(p.ParameterType, p)} {p.Name}{(p.HasDefaultValue ? $" = {p.DefaultValue ?? "default"}" : "")}"));

    private static string Name(Type type, object place)
    {
        var nullability = new NullabilityInfoContext();
        var info = place switch
        {
            PropertyInfo p => nullability.Create(p),
            FieldInfo f => nullability.Create(f),
            ParameterInfo p => nullability.Create(p),
            _ => throw new ArgumentException($"{place} has no type", nameof(place)),
        };
        bool isNullable = !type.IsValueType && (info.ReadState == NullabilityState.Nullable || info.WriteState == NullabilityState.Nullable);
        return Name(type) + (isNullable ? "?" : "");
    }

    private static string Name(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } value)
        {
            return $"{Name(value)}?";
        }

        if (type.IsArray)
        {
            return $"{Name(type.GetElementType()!)}[]";
        }

        string name = type.IsNested && !type.IsGenericParameter ? $"{type.DeclaringType!.Name}.{type.Name}" : type.Name;
        return type.IsGenericType ? $"{name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(a => Name(a)))}>" : name;
    }
}
