// XML to dotted names, in one pass: `<Event><System><EventID>1</EventID></System></Event>` is System.EventID=1.
#pragma once

#include "packs/blocks/extracted.h"

namespace penstock::packs {

class XmlSteps;

struct XmlOptions {
  bool keep_root = false;  ///< the root element's name begins every name
  bool keep_empty = false;  ///< elements and attributes without text become fields too
  /// Elements that are called by an attribute: `<Data Name="User">x</Data>` is …User=x. Empty: none.
  std::string_view named_element = "Data";
  std::string_view named_attribute = "Name";
};

/// Elements' texts and attributes (`Provider.Name` for <Provider Name="…">), prefixes of namespaces and xmlns attributes left
/// out. Text in several pieces is joined; blanks around an element's text are not part of it. Document types are skipped
/// and noted (kRefusedEntity): no entity is ever defined, nothing outside the text is read. Elements nested deeper than
/// kXmlDepthMax are noted and end the reading (kTooDeep); what is not well-formed or ends early as well (kMalformed): fields
/// read before are kept. kNoMatch: the text does not begin with an element.
inline constexpr unsigned kXmlDepthMax = 64;
/// `steps`: what is remembered of the documents before, always with the same options; the fields are the same without.
BlockResult extract_xml(std::string_view text, const XmlOptions& options, Arena& scratch, Extracted& out, XmlSteps* steps = nullptr);

}  // namespace penstock::packs
