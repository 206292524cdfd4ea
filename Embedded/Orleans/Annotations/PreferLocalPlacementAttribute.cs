namespace Orleans.Placement;

/// <summary>A grain is best activated where it is first called; the embedded engine has no other place.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class PreferLocalPlacementAttribute : Attribute;
