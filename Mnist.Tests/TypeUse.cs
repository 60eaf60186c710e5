namespace Mnist.Tests;

/// <summary>A type that is not nested, by its namespace and name.</summary>
internal readonly record struct TypeName(string Namespace, string Name)
{
    public bool IsIn(string name) => Namespace == name || Namespace.StartsWith(name + '.', StringComparison.Ordinal);

    public override string ToString() => $"{Namespace}.{Name}";
}

/// <summary>One type uses another: in its declaration, in a member's signature or in code.</summary>
internal readonly record struct TypeUse(TypeName From, TypeName To)
{
    public override string ToString() => $"{From} -> {To}";
}
