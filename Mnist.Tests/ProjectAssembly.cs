using Mono.Cecil;

namespace Mnist.Tests;

/// <summary>The built assembly of a project: its references, and what its types use. Nested types count as the type around them.</summary>
internal sealed class ProjectAssembly : IDisposable
{
    private readonly ModuleDefinition _module;
    private readonly Lazy<HashSet<TypeUse>> _uses;
    private readonly HashSet<TypeName> _own;

    private ProjectAssembly(ModuleDefinition module)
    {
        _module = module;
        _own = [.. module.Types.Where(type => type.Namespace.Length > 0).Select(Name)];
        _uses = new(() => [.. module.Types.SelectMany(type => UsedBy(type).SelectMany(Parts).Select(used => new TypeUse(Name(type), Name(used))))]);
    }

    /// <summary>Names of the assemblies that the code really uses.</summary>
    public IEnumerable<string> References => _module.AssemblyReferences.Select(reference => reference.Name);

    /// <summary>All uses, of the project's own types and of others.</summary>
    public IEnumerable<TypeUse> Uses => _uses.Value;

    /// <summary>Uses between the project's own types, without those outside of any namespace: <c>Program</c>, and what the compiler generates.</summary>
    public IEnumerable<TypeUse> InnerUses => Uses.Where(use => _own.Contains(use.From) && _own.Contains(use.To));

    /// <summary>Reads the assembly beside the tests.</summary>
    public static ProjectAssembly Read(string project) =>
        new(ModuleDefinition.ReadModule(Path.Combine(TestContext.CurrentContext.TestDirectory, $"{NameOf(project)}.dll")));

    /// <summary>The name of a project's assembly.</summary>
    public static string NameOf(string project) => project == "Mnist.Cli" ? "mnist" : project;

    public void Dispose() => _module.Dispose();

    private static TypeName Name(TypeReference type) => new(type.Namespace, type.Name);

    private static IEnumerable<TypeReference?> UsedBy(TypeDefinition type) =>
    [
        type.BaseType,
        .. type.Interfaces.Select(implemented => implemented.InterfaceType),
        .. type.CustomAttributes.Select(attribute => attribute.AttributeType),
        .. type.GenericParameters.SelectMany(Constraints),
        .. type.Fields.Select(field => field.FieldType),
        .. type.Methods.SelectMany(UsedBy),
        .. type.NestedTypes.SelectMany(UsedBy),
    ];

    private static IEnumerable<TypeReference> UsedBy(MethodDefinition method) =>
    [
        .. Signature(method),
        .. method.CustomAttributes.Select(attribute => attribute.AttributeType),
        .. method.GenericParameters.SelectMany(Constraints),
        .. method.HasBody ? method.Body.Variables.Select(variable => variable.VariableType) : [],
        .. method.HasBody ? method.Body.Instructions.SelectMany(instruction => UsedBy(instruction.Operand)) : [],
    ];

    private static IEnumerable<TypeReference> UsedBy(object? operand) => operand switch
    {
        TypeReference type => [type],
        FieldReference field => [field.DeclaringType, field.FieldType],
        GenericInstanceMethod method => [method.DeclaringType, .. Signature(method), .. method.GenericArguments],
        MethodReference method => [method.DeclaringType, .. Signature(method)],
        _ => [],
    };

    private static IEnumerable<TypeReference> Signature(IMethodSignature method) => [method.ReturnType, .. method.Parameters.Select(parameter => parameter.ParameterType)];

    private static IEnumerable<TypeReference> Constraints(GenericParameter parameter) => parameter.Constraints.Select(constraint => constraint.ConstraintType);

    /// <summary>The declared types that a type is made of: an array of <c>List{T}</c> is made of <c>List</c> and <c>T</c>.</summary>
    private static IEnumerable<TypeReference> Parts(TypeReference? type) => type switch
    {
        null or GenericParameter => [],
        GenericInstanceType generic => [.. Parts(generic.ElementType), .. generic.GenericArguments.SelectMany(Parts)],
        FunctionPointerType function => Signature(function).SelectMany(Parts),
        IModifierType modified => [.. Parts(modified.ElementType), .. Parts(modified.ModifierType)],
        TypeSpecification made => Parts(made.ElementType),
        { DeclaringType: { } outer } => Parts(outer),
        _ => [type],
    };
}
